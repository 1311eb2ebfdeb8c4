/// Why a program ends without having done its work: its exit status. What there is to say has been said on standard error.
package enum ExitStatus: Int32, Error {
  /// Something went wrong.
  case failed = 1
  /// The command line makes no sense.
  case usage = 64
}
