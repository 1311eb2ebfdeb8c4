/// A command that cannot do what it was asked: one sentence that names the thing, what was found and what to do. Exit status 1.
struct CommandError: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
