"""From one image to people in metres: detector, lifter, root localisation, tracker, and the pipeline of them all."""
