import COpenBLAS

extension KernelCall {
  /// Logits held at a time.
  private static let logitBudget = 256 * 1024

  /// Multi-head attention, pixels as tokens; a block of queries at a time.
  func attend(query: UnsafePointer<Float>, key: UnsafePointer<Float>, value: UnsafePointer<Float>, _ heads: Int, _ factor: Float) {
    // Keys and values may be other tokens than queries, and values may have another width.
    let (tokens, others) = (node.shape.pixels, shape(1).pixels)
    let (width, valueWidth) = (shape(0).channels / heads, node.shape.channels / heads)
    let block = max(1, min(tokens, Self.logitBudget / others))
    let logits = workspace.scratch(block * others)
    for head in 0..<heads {
      let (queries, keys) = (query + head * width * tokens, key + head * width * others)
      let (values, results) = (value + head * valueWidth * others, out + head * valueWidth * tokens)
      for first in stride(from: 0, to: tokens, by: block) {
        let count = min(block, tokens - first)
        // [width, tokens] stored by channel: logits = factor * q^T k.
        cblas_sgemm(
          CblasRowMajor, CblasTrans, CblasNoTrans, Int32(count), Int32(others), Int32(width), factor, queries + first,
          Int32(tokens), keys,
          Int32(others), 0, logits, Int32(others))
        for row in 0..<count { Self.softmax(logits + row * others, others) }
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasTrans, Int32(valueWidth), Int32(count), Int32(others), 1, values, Int32(others),
          logits, Int32(others), 0, results + first, Int32(tokens))
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
