import CDriftPlatform
import CSpindrift
import DriftFormat
import DriftTool
import Spindrift

/// The daemon: one model, one socket, one request at a time.
struct Daemon: ~Copyable {
  private let options: DaemonOptions
  private let model: Model
  private let workplace: Workplace
  private var session: Session
  private var listener: drift_listener

  /// Opens the model and begins to listen.
  /// - Throws: `failed`, after saying what is missing or wrong.
  init(_ options: DaemonOptions) throws(ExitStatus) {
    let status = drift_signal_flag_install()
    if status != 0 { throw Daemon.failure("cannot catch signals", status) }
    let model = try Daemon.open(options.model)
    guard let kernels = KernelSet.fromEnvironment() else {
      StandardError.write("spindriftd: SPINDRIFT_KERNEL: names no kernels of this CPU; unset it, or use scalar\n")
      throw .failed
    }
    let workplace = try Workplace(for: model, threads: options.threads)
    let session = try Daemon.session(on: model, in: workplace, options, kernels)
    var listener = drift_listener(descriptor: -1, device: 0, inode: 0, path: options.socket)
    let answer = drift_listener_open(&listener, options.socket)
    if answer != 0 { throw Daemon.listenFailure(options.socket, answer) }
    self.options = options
    self.model = model
    self.workplace = workplace
    self.session = session
    self.listener = listener
  }

  deinit {
    var listener = listener
    drift_listener_close(&listener)
  }

  /// Serves one client after the other until the process is asked to stop.
  mutating func run() throws(ExitStatus) {
    while true {
      var client: Int32 = -1
      let status = drift_listener_accept(&listener, &client)
      if status == DRIFT_SOCKET_STOPPED.rawValue { return }
      if status != DRIFT_SOCKET_OK.rawValue { throw Daemon.failure("cannot accept clients", status) }
      var connection = Connection(client, seconds: options.timeout)
      serve(&connection)
      connection.close()
    }
  }

  private mutating func serve(_ connection: inout Connection) {
    do throws(ConnectionFailure) {
      let frame = try connection.receiveFrame()
      switch frame.kind {
      case SPINDRIFT_FRAME_QUERY:
        try connection.expect(frame, length: 0)
        try connection.send(SPINDRIFT_FRAME_INFO, spindrift_frame_info(model.file.model))
      case SPINDRIFT_FRAME_GENERATE:
        let order = try Order(
          receiving: frame, from: &connection, for: model, noise: workplace.noise.floats.baseAddress.unsafelyUnwrapped)
        try order.fulfil(on: &session, of: model, in: workplace, for: &connection)
      case SPINDRIFT_FRAME_CANCEL:
        throw .refused(SPINDRIFT_PROTOCOL_UNEXPECTED)
      default:
        throw .refused(SPINDRIFT_PROTOCOL_UNKNOWN_TYPE, found: UInt64(frame.type))
      }
    } catch {
      connection.report(error)
    }
  }
}
