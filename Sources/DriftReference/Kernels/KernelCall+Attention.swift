import COpenBLAS

extension KernelCall {
  /// Logits held at a time.
  private static let logitBudget = 256 * 1024

  /// Multi-head attention, pixels as tokens; a block of queries at a time.
  func attend(query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>, _ heads: Int, _ factor: Float) {
    let tokens = node.shape.pixels
    let width = node.shape.channels / heads
    let block = max(1, min(tokens, Self.logitBudget / tokens))
    let logits = workspace.scratch(block * tokens)
    for head in 0..<heads {
      let offset = head * width * tokens
      for first in stride(from: 0, to: tokens, by: block) {
        let count = min(block, tokens - first)
        // [width, tokens] stored by channel: logits = factor * q^T k.
        cblas_sgemm(
          CblasRowMajor, CblasTrans, CblasNoTrans, Int32(count), Int32(tokens), Int32(width), factor, query + offset + first,
          Int32(tokens), key + offset, Int32(tokens), 0, logits, Int32(tokens))
        for row in 0..<count { Self.softmax(logits + row * tokens, tokens) }
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(width), Int32(count), Int32(tokens), 1, value + offset, Int32(tokens),
          logits, Int32(tokens), 0, out + offset + first, Int32(tokens))
      }
    }
  }

  private static func softmax(_ row: UnsafeMutablePointer<Float>, _ count: Int) {
    var highest = row[0]
    for i in 1..<max(count, 1) { highest = max(highest, row[i]) }
    for i in 0..<count { row[i] -= highest }
    Exponential.replace(row, count)
    var sum = 0.0
    for i in 0..<count { sum += Double(row[i]) }
    let inverse = Float(1 / sum)
    for i in 0..<count { row[i] *= inverse }
  }
}
