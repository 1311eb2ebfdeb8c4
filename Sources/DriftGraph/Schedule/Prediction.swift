/// What a denoiser's answer means.
public enum Prediction: String, Sendable {
  case epsilon, sample
  case v = "v_prediction"
  case flow
}
