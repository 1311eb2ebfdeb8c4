import Foundation
import Testing

/// The C interface, used by programs that a plain C compiler makes from `spindrift.h` and `libspindrift.a`.
@Suite(.serialized)
struct CInterfaceTests {
  @Test(arguments: Board.allCases)
  func theExampleWritesTheHostsBytes(board: Board) throws {
    let program = try Workshop.compile("docs/examples/generate.c", for: board)
    let model = try Workshop.complete()
    let folder = try TemporaryFolder()
    let outcome = try board.run(program, [model, folder.path("sample.f32"), "11", "1", "2"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("step 4 of 4"))
    let host = try Program.run(
      Workshop.converter,
      ["run", model, "--raw", folder.path("raw.npy"), "--seed", "11", "--class", "1", "--guidance", "2"])
    #expect(host.status == 0, "\(host.errors)")
    let values = try Data(contentsOf: URL(fileURLWithPath: folder.path("sample.f32")))
    #expect(values.count == 8 * 8 * 4)
    #expect(values == (try Data(contentsOf: URL(fileURLWithPath: folder.path("raw.npy"))).suffix(values.count)))
  }

  @Test(arguments: Board.allCases)
  func everyMisuseIsACode(board: Board) throws {
    let program = try Workshop.compile("Tests/IntegrationTests/Programs/misuse.c", for: board)
    let outcome = try board.run(program, [try Workshop.complete()])
    #expect(outcome.status == 0)
    #expect(!outcome.crashed)
    #expect(outcome.output == "ok\n")
  }

  @Test(arguments: Board.allCases)
  func theLibraryShowsNothingButItsInterfaceAndNeedsNoAllocator(board: Board) throws {
    let library = try board.products() + "/libspindrift.a"
    let shown = try symbols(["--defined-only", "--extern-only", library])
    #expect(!shown.isEmpty)
    #expect(shown.allSatisfy { $0.hasPrefix("spindrift_") }, "\(shown)")
    let needed = try symbols(["--undefined-only", library])
    #expect(needed.contains("mmap"))
    for name in ["malloc", "calloc", "realloc", "free", "posix_memalign", "aligned_alloc"] {
      #expect(!needed.contains(name))
    }
    #expect(!needed.contains { $0.hasPrefix("swift_") || $0.hasPrefix("_swift") || $0.hasPrefix("$") }, "\(needed)")
  }

  @Test
  func theHeaderIsAlsoCPlusPlus() throws {
    for header in ["spindrift.h", "spindrift_protocol.h"] {
      let path = Workshop.root.appendingPathComponent("Sources/CSpindrift/include/\(header)").path
      let outcome = try Program.run("g++", ["-x", "c++", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", path])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  private func symbols(_ arguments: [String]) throws -> [String] {
    let outcome = try Program.run("nm", ["--format=posix"] + arguments)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return outcome.output.split(separator: "\n").filter { $0.contains(" ") }.map { String($0.split(separator: " ")[0]) }
  }
}
