import Foundation
import KernelCheck
import Testing

/// The kernel check, cross-compiled and run under qemu: the same checksum on every CPU.
@Suite(.serialized)
struct EmulatorTests {
  /// A board to build for, and the CPU models to run as.
  struct Board: CustomTestStringConvertible, Sendable {
    let triple: String
    let compilerOptions: [String]
    let emulator: String
    /// CPU model and the kernels that it must run.
    let cpus: [(model: String, kernels: [String])]
    let packages: String
    var testDescription: String { triple }
  }

  static let boards = [
    Board(
      triple: "aarch64-linux-gnu", compilerOptions: [], emulator: "qemu-aarch64",
      cpus: [
        ("cortex-a53", ["scalar", "neon"]), ("cortex-a72", ["scalar", "neon"]), ("cortex-a76", ["scalar", "neon", "dotprod"]),
        ("max", ["scalar", "neon", "dotprod", "i8mm"]),
      ],
      packages: "qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross lld"),
    Board(
      triple: "arm-linux-gnueabihf", compilerOptions: ["-march=armv7-a", "-mfpu=neon", "-mfloat-abi=hard"], emulator: "qemu-arm",
      cpus: [("cortex-a7", ["scalar", "neon"])],
      packages: "qemu-user gcc-arm-linux-gnueabihf libc6-dev-armhf-cross lld"),
  ]

  @Test(arguments: boards)
  func kernelsGiveTheSameBitsUnderEmulation(board: Board) throws {
    let host = hostChecksum()
    let program = try build(board)
    defer { try? FileManager.default.removeItem(atPath: program) }
    for cpu in board.cpus {
      let (status, output) = try run(board.emulator, ["-cpu", cpu.model, program], needs: board.packages)
      #expect(status == 0, "\(cpu.model): \(output)")
      let lines = output.split(separator: "\n").map { $0.split(separator: " ") }
      #expect(lines.map { String($0[0]) } == cpu.kernels, "\(cpu.model)")
      for line in lines {
        #expect(UInt32(line[1], radix: 16) == host, "\(cpu.model), \(line[0])")
      }
    }
  }

  private func hostChecksum() -> UInt32 {
    var result = kernel_check_result()
    kernel_check(drift_kernels_scalar(), &result)
    return result.checksum
  }

  private func build(_ board: Board) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let program = NSTemporaryDirectory() + "kernel-check-\(board.triple)-\(ProcessInfo.processInfo.processIdentifier)"
    let (status, output) = try run(
      "/bin/sh",
      ["\(root.path)/Tests/KernelCheck/build", compiler(), program, "--target=\(board.triple)"] + board.compilerOptions,
      needs: board.packages)
    try #require(status == 0, "cannot build for \(board.triple); apt-get install \(board.packages)\n\(output)")
    return program
  }

  /// The clang of the Swift toolchain that runs this test, else the one in PATH.
  private func compiler() -> String {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let beside = folders.map { String($0) }.first { FileManager.default.isExecutableFile(atPath: $0 + "/swiftc") }
    let clang = (beside ?? "/usr/bin") + "/clang"
    return FileManager.default.isExecutableFile(atPath: clang) ? clang : "clang"
  }

  private func run(_ command: String, _ arguments: [String], needs packages: String) throws -> (Int32, String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    try #require(process.terminationStatus != 127, "\(command) is missing; apt-get install \(packages)\n\(output)")
    return (process.terminationStatus, output)
  }
}
