import DriftGraph

extension Checkpoint {
  /// Reads a trained model.
  /// - Parameters:
  ///   - path: a diffusers pipeline folder (`model_index.json`, `unet/`, `scheduler/`) or the folder of a `UNet2DModel` alone.
  ///   - nullClass: the class label that means "no class", where the checkpoint does not say it.
  ///   - scheduleFile: a schedule.json with the noise schedule; nil: the one in the folder, if there is one.
  public static func load(path: String, nullClass: Int? = nil, scheduleFile: String? = nil) throws(ImportError) -> Checkpoint {
    throw ImportError(path, "cannot be read yet")
  }
}
