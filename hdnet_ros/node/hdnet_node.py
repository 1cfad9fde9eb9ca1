"""The lifecycle node: its states, and what exists in which of them."""
from __future__ import annotations

import gc
import time
import traceback
from collections.abc import Callable
from dataclasses import replace

from lifecycle_msgs.srv import ChangeState
from rcl_interfaces.msg import SetParametersResult
from rclpy.clock import Clock, ClockType
from rclpy.lifecycle import LifecycleNode, LifecycleState, TransitionCallbackReturn
from rclpy.parameter import Parameter
from std_srvs.srv import Trigger

from hdnet_ros.node import settings as node_settings
from hdnet_ros.node.diagnosis import NodeFacts
from hdnet_ros.node.frame_processor import FrameProcessor
from hdnet_ros.node.frame_statistics import FrameStatistics
from hdnet_ros.node.memory import give_back_memory
from hdnet_ros.node.outputs import Outputs
from hdnet_ros.node.pipeline_loading import describe_devices, describe_models, load_pipeline
from hdnet_ros.node.pose_lookup import PoseLookup
from hdnet_ros.node.present_settings import PresentSettings
from hdnet_ros.node.rate_limit import RateLimit
from hdnet_ros.node.reporter import Reporter
from hdnet_ros.node.settings import Settings
from hdnet_ros.node.subscriptions import InputSet, SynchronisedInputs
from hdnet_ros.node.topics import resolve_topics
from hdnet_ros.node.worker import Worker
from hdnet_ros.perception.pipeline import Pipeline

SUCCESS, FAILURE, ERROR = (TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE,
                           TransitionCallbackReturn.ERROR)


class HDNetNode(LifecycleNode):
    """Images in, people out.

    Always: parameters, ~/reset, diagnostics.
    From configure to cleanup: the models and the publishers.
    From activate to deactivate: the subscriptions and the worker thread.
    All methods belong to the executor's thread; only ``FrameProcessor`` and ``Outputs`` work in the worker's.
    """

    def __init__(self, **options) -> None:
        super().__init__('hdnet', **options)
        self._refuse_impossible_transitions()
        node_settings.declare(self)
        self._settings = PresentSettings(self)
        self.add_on_set_parameters_callback(self._on_set_parameters)
        self._state = 'unconfigured'
        self._fault = ''
        self._pipeline: Pipeline | None = None
        self._model_key: tuple = ()
        self._outputs: Outputs | None = None
        self._inputs: SynchronisedInputs | None = None
        self._poses: PoseLookup | None = None
        self._processor: FrameProcessor | None = None
        self._worker: Worker[tuple[InputSet, Settings]] | None = None
        self._statistics = FrameStatistics()
        self._rate_limit = RateLimit()
        self._slop_s = 0.0
        self._active_since_s = 0.0
        self._reset_service = self.create_service(Trigger, '~/reset', self._on_reset)
        self._reporter = Reporter(self, self._facts)
        self._start_timer = None
        if self.get_parameter('autostart').value:
            self._start_timer = self.create_timer(0.01, self._autostart, clock=Clock(clock_type=ClockType.STEADY_TIME))
        else:
            self.get_logger().info('autostart is off: waiting to be configured')

    def _refuse_impossible_transitions(self) -> None:
        """Answer requests for transitions that the state does not have; rclpy would let the process die of them."""
        service = self._service_change_state
        change_state = service.callback

        def answer(request: ChangeState.Request, response: ChangeState.Response) -> ChangeState.Response:
            try:
                return change_state(request, response)
            except Exception as error:
                self.get_logger().error(f'no such transition from {self._state}: {error}')
                response.success = False
                return response
        service.callback = answer

    def _autostart(self) -> None:
        self.destroy_timer(self._start_timer)
        if self._state == 'unconfigured' and self.trigger_configure() == SUCCESS:
            self.trigger_activate()

    def on_configure(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Load and warm up the models, create the publishers."""
        return self._transition('configuring', 'inactive', self._load, on_failure='unconfigured')

    def on_activate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Subscribe and start to work."""
        return self._transition('activating', 'active', self._start, on_failure='inactive')

    def on_deactivate(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Unsubscribe and stop."""
        return self._transition('deactivating', 'inactive', self._stop)

    def on_cleanup(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything that configure made."""
        return self._transition('cleaning up', 'unconfigured', self._unload)

    def on_shutdown(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Stop and free, from any state."""
        return self._transition('shutting down', 'finalized', self.close)

    def on_error(self, state: LifecycleState) -> TransitionCallbackReturn:
        """Free everything, so that the node can be configured anew."""
        self.close()
        self._state = 'unconfigured'
        self._reporter.report()
        return SUCCESS

    def _transition(self, on_the_way: str, goal: str, action: Callable[[], None], on_failure: str = ''
                    ) -> TransitionCallbackReturn:
        """Do what a transition does; a fault stays in the diagnostics and leads to the state on_failure.

        Without one there is no safe way back, and the error state frees everything.
        """
        self._state, self._fault = on_the_way, ''
        self._reporter.report()
        try:
            action()
            self._state, result = goal, SUCCESS
        except Exception as error:   # rclpy itself would swallow it
            expected = isinstance(error, (RuntimeError, ValueError, ImportError, OSError))
            reason = str(error) if expected else f'{type(error).__name__}: {error}'
            self._fault = f'{on_the_way} failed: {reason}'
            if not expected:   # the reporter logs the reason itself
                self.get_logger().error(traceback.format_exc())
            self._state, result = (on_failure, FAILURE) if on_failure else ('error', ERROR)
        self._reporter.report()
        return result

    def _load(self) -> None:
        wanted = self._settings.get()
        # First, so that a failure leaves things as they were.
        pipeline = load_pipeline(wanted.pipeline, meanwhile=self._report_loading)
        self._unload()
        self._pipeline, self._model_key = pipeline, wanted.model_key
        try:
            self._outputs = Outputs(self, pipeline.lifter.name)
        except Exception:
            self._unload()
            raise
        give_back_memory()
        self.get_logger().info(f'loaded {describe_models(pipeline)}')

    def _report_loading(self) -> None:
        if self.context.ok():   # else Ctrl-C has taken the publisher away
            self._reporter.report()

    def _start(self) -> None:
        wanted = self._settings.get()
        if wanted.model_key != self._model_key:
            self._load()
        self._outputs.prepare(wanted.outputs)
        topics = resolve_topics(self, wanted.image_transport, wanted.given_detections)
        self._pipeline.reset()
        self._statistics.clear()
        if wanted.fixed_frame:
            self._poses = PoseLookup(self, wanted.fixed_frame)
        processor = FrameProcessor(self, self._pipeline, self._outputs, self._statistics, self._poses)
        self._processor = processor
        self._worker = Worker(lambda work: processor.process(*work), on_error=lambda error: processor.fail(str(error)))
        try:
            self._inputs = SynchronisedInputs(self, topics, wanted.slop_s, wanted.queue_size,
                                              late_s=lambda: self._settings.get().pipeline.tracker.late_s,
                                              on_image=self._statistics.received, on_inputs=self._on_inputs,
                                              on_rewind=self._on_rewind)
        except Exception:
            self._stop()
            raise
        self._slop_s = wanted.slop_s
        self._active_since_s = time.monotonic()
        self.get_logger().info(f'listening to {", ".join(topics.names)}')

    def _stop(self) -> None:
        inputs, self._inputs = self._inputs, None
        worker, self._worker = self._worker, None
        poses, self._poses = self._poses, None
        for listener in (inputs, poses):
            if listener is not None:
                listener.close()
        if worker is not None and not worker.stop():
            raise RuntimeError('the worker does not end: it is still at its last image')
        if worker is not None:
            self._outputs.clear()
        self._processor = None

    def _unload(self) -> None:
        outputs, self._outputs = self._outputs, None
        pipeline, self._pipeline = self._pipeline, None
        if outputs is not None:
            outputs.close()
        if pipeline is not None:
            pipeline.close()
            del pipeline
            gc.collect()   # networks hold reference cycles
            give_back_memory()

    def close(self) -> None:
        """Stop working and free everything, whatever the state; leaves the node itself to be destroyed."""
        try:
            self._stop()
            if self._outputs is not None:
                self._outputs.wait_until_heard()
        finally:
            self._unload()

    def _on_inputs(self, inputs: InputSet) -> None:
        if not self._rate_limit.admits(self.get_parameter('max_rate_hz').value):
            self._statistics.skipped()
        elif self._worker.hand_over((inputs, self._settings.get())):
            self._statistics.dropped()

    def _on_rewind(self) -> None:
        self.get_logger().warning('the stamps have jumped back (a bag that loops?): starting afresh',
                                  throttle_duration_sec=5.0)
        if self._poses is not None:
            self._poses.clear()
        if self._processor is not None:
            self._processor.request_reset()

    def _on_reset(self, request: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        if self._processor is not None:
            self._processor.request_reset()
        response.success = True
        response.message = 'everybody is forgotten with the next image' if self._processor else 'nobody is tracked'
        return response

    def _on_set_parameters(self, parameters: list[Parameter]) -> SetParametersResult:
        changes = {parameter.name: parameter.value for parameter in parameters}
        reason = node_settings.refusal(changes, node_settings.values_of(self), self._state == 'active')
        self._settings.outdate()
        return SetParametersResult(successful=not reason, reason=reason)

    def _facts(self) -> NodeFacts:
        facts = NodeFacts(state=self._state, node_name=self.get_fully_qualified_name(), fault=self._fault,
                          models=describe_models(self._pipeline) if self._pipeline else 'not loaded',
                          devices=describe_devices(self._pipeline) if self._pipeline else 'none',
                          frames=self._statistics.facts())
        if self._inputs is None:
            return facts
        return replace(facts, active_s=time.monotonic() - self._active_since_s, inputs=self._inputs.facts(),
                       set_age_s=self._inputs.set_age_s, unmatched=self._inputs.unmatched,
                       images_per_set=self._inputs.images_per_set,
                       stamp_gap=self._inputs.stamp_gap(), slop_s=self._slop_s, busy_s=self._processor.busy_s)
