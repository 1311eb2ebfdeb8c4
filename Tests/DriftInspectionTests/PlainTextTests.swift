import DriftInspection
import Testing

@Suite("text of untrusted files")
struct PlainTextTests {
  @Test("escapes what moves a cursor, ends a line or turns the direction of writing")
  func escapes() {
    #expect(PlainText.printable("a\u{1B}[2Jb\nc\u{202E}d\u{85}e\u{2028}") == "a\\u{1b}[2Jb\\u{a}c\\u{202e}d\\u{85}e\\u{2028}")
    #expect(PlainText.printable("down_blocks.0 <é&日本>") == "down_blocks.0 <é&日本>")
  }

  @Test("keeps the end of long text")
  func shortens() {
    #expect(PlainText.shortened("down_blocks.0.conv1", to: 19) == "down_blocks.0.conv1")
    #expect(PlainText.shortened("down_blocks.0.conv1", to: 10) == "...0.conv1")
    #expect(PlainText.shortened("\u{1B}\u{1B}\u{1B}", to: 10) == "...}\\u{1b}")
  }

  @Test("looks at the end of a name only, however long its last character is")
  func bounded() {
    let name = "a" + String(repeating: "\u{301}", count: 100_000)
    #expect(PlainText.shortened(name, to: 20).unicodeScalars.count == 20)
  }
}
