/// A convolution of a real U-Net.
struct LayerShape {
  var model: String
  /// Pixels along each side of the output.
  var size: Int
  var inputs: Int, outputs: Int
  /// Along each side.
  var kernel: Int

  var pixels: Int { size * size }
  var taps: Int { kernel * kernel }
  var words: Int { (inputs + 3) / 4 }
  var multiplyAdds: Int { pixels * taps * inputs * outputs }
  var name: String { "\(model) \(size)x\(size) \(inputs) -> \(outputs), \(kernel)x\(kernel)" }

  /// Of the DDPM U-Net for CIFAR-10 (35.7 M parameters) and of `models/digits`: each shape once.
  static let all: [LayerShape] = [
    ("cifar", 32, 128, 128, 3), ("cifar", 32, 384, 128, 3), ("cifar", 32, 128, 128, 1), ("cifar", 16, 128, 256, 3),
    ("cifar", 16, 256, 256, 3), ("cifar", 16, 512, 256, 3), ("cifar", 16, 256, 256, 1), ("cifar", 8, 256, 256, 3),
    ("cifar", 8, 512, 256, 3), ("cifar", 4, 256, 256, 3), ("cifar", 4, 512, 256, 3), ("cifar", 4, 256, 256, 1),
    ("digits", 32, 32, 32, 3), ("digits", 32, 96, 32, 3), ("digits", 32, 64, 32, 1), ("digits", 16, 64, 64, 3),
    ("digits", 16, 128, 64, 3), ("digits", 8, 64, 64, 3), ("digits", 8, 64, 64, 1), ("digits", 32, 32, 1, 3),
  ].map { LayerShape(model: $0.0, size: $0.1, inputs: $0.2, outputs: $0.3, kernel: $0.4) }
}
