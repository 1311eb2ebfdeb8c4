/// Paths in the checkout.
enum Repository {
  /// The folder of Package.swift.
  static var root: String {
    var path = #filePath.split(separator: "/")
    path.removeLast(3)
    return "/" + path.joined(separator: "/")
  }

  /// The trained model that comes with the project.
  static var digits: String { "\(root)/models/digits" }
}
