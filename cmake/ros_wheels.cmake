# Makes ROS 2 from PyPI wheels usable by CMake; every step is a no-op on a ROS 2 installation.
#
# The wheels' exported targets name the include folder of the Python they were built with, and CMake refuses a
# target whose include folder does not exist.
function(ros_wheels_drop_missing_includes)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders MATCHES "/opt/python/")
      set(kept "")
      foreach(folder IN LISTS folders)
        if(NOT folder MATCHES "^/opt/python/" OR EXISTS "${folder}")
          list(APPEND kept "${folder}")
        endif()
      endforeach()
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept}")
    endif()
  endforeach()
endfunction()

# A virtual environment may lie in the source folder (scripts/setup.sh puts it there), and CMake refuses to export
# include folders from below the source folder. Nobody compiles against them after the build.
function(ros_wheels_keep_source_includes_private)
  get_property(targets DIRECTORY PROPERTY BUILDSYSTEM_TARGETS)
  foreach(target IN LISTS targets)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      set(kept "")
      foreach(folder IN LISTS folders)
        string(FIND "${folder}" "${CMAKE_SOURCE_DIR}/" position)
        if(position EQUAL 0)
          set(folder "$<BUILD_INTERFACE:${folder}>")
        endif()
        list(APPEND kept "${folder}")
      endforeach()
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${kept}")
    endif()
  endforeach()
endfunction()

cmake_language(DEFER CALL ros_wheels_drop_missing_includes)
cmake_language(DEFER CALL ros_wheels_keep_source_includes_private)
