import CDriftPlatform
import DriftFormat
import DriftTool
import Spindrift

extension Daemon {
  static func open(_ path: UnsafePointer<CChar>) throws(ExitStatus) -> Model {
    do throws(DriftError) {
      return try Model(mapping: path)
    } catch {
      StandardError.write("spindriftd: ", path, error)
      throw .failed
    }
  }

  static func session(
    on model: borrowing Model, in workplace: borrowing Workplace, _ options: DaemonOptions, _ kernels: KernelSet
  ) throws(ExitStatus) -> Session {
    do throws(DriftError) {
      return try model.session(arena: workplace.arena.bytes, threads: options.threads, kernels: kernels)
    } catch {
      StandardError.write("spindriftd: ", options.model, error)
      throw .failed
    }
  }

  static func failure(_ message: StaticString, _ status: Int32) -> ExitStatus {
    StandardError.write("spindriftd: ")
    StandardError.write(message)
    StandardError.write(": ")
    StandardError.write(argument: drift_error_text(status))
    StandardError.write("\n")
    return .failed
  }

  static func listenFailure(_ path: UnsafePointer<CChar>, _ status: Int32) -> ExitStatus {
    StandardError.write("spindriftd: cannot listen at ")
    StandardError.write(argument: path)
    StandardError.write(": ")
    switch status {
    case DRIFT_SOCKET_TAKEN.rawValue: StandardError.write("another daemon listens there")
    case DRIFT_SOCKET_NOT_A_SOCKET.rawValue:
      StandardError.write("what stands there is not a socket; remove it or choose another path")
    default: StandardError.write(argument: drift_error_text(status))
    }
    StandardError.write("\n")
    return .failed
  }
}
