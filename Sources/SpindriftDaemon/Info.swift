import CSpindrift
import DriftFormat

extension spindrift_frame_info {
  /// What a client needs to know about a model.
  init(_ model: drift_model) {
    self.init(
      channels: model.picture_channels, height: model.picture_height, width: model.picture_width,
      class_count: model.class_count, null_class: model.null_class, steps: model.step_count,
      data_low: model.data_low, data_high: model.data_high, default_guidance: model.default_guidance, reserved: 0)
  }
}
