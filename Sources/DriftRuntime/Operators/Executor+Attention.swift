import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Softmax attention, head by head: keys and values are packed like weights, then a tile of queries at a time runs through both
  /// products with its logits in scratch.
  func attend(_ operation: drift_operator) {
    let (q, k, v) = (operand(operation.inputs.0), operand(operation.inputs.1), operand(operation.inputs.2))
    let y = operand(operation.output)
    let heads = Int(truncatingIfNeeded: operation.heads)
    let attention = Attention(
      kernels: kernels, memory: scratch(operation), tokens: q.pixels, depth: q.channels / heads,
      table: file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: UInt8.self),
      distanceFactor: ((q.scale * k.scale) * operation.gain) * 256, valueFactor: v.scale / y.scale)
    for head in 0..<heads {
      let channel = head &* attention.depth
      attention.pack(keys: k.int8 + channel, values: v.int8 + channel, stride: k.stride)
      attention.run(queries: q.int8 + channel, stride: q.stride, target: destination(y, channel: channel))
    }
  }
}

/// One head of an attention operator over its scratch.
private struct Attention {
  let kernels: UnsafePointer<drift_kernel_set>
  let memory: UnsafeMutableRawPointer
  let layout: AttentionScratch
  let tokens: Int
  let depth: Int
  let table: UnsafePointer<UInt8>
  let distanceFactor: Float
  let valueFactor: Float

  init(
    kernels: UnsafePointer<drift_kernel_set>, memory: UnsafeMutableRawPointer, tokens: Int, depth: Int,
    table: UnsafePointer<UInt8>, distanceFactor: Float, valueFactor: Float
  ) {
    (self.kernels, self.memory, self.tokens, self.depth) = (kernels, memory, tokens, depth)
    (self.table, self.distanceFactor, self.valueFactor) = (table, distanceFactor, valueFactor)
    layout = AttentionScratch(tokens: UInt64(truncatingIfNeeded: tokens), depth: UInt64(truncatingIfNeeded: depth))
  }

  var tileRows: Int { Int(truncatingIfNeeded: kernels.pointee.tile_rows) }
  var depthWords: Int { (depth &+ 3) / 4 }
  var tokenWords: Int { (tokens &+ 3) / 4 }
  var sums: UnsafeMutablePointer<Int32> { memory.at(layout.sums, Int32.self) }
  var columnSums: UnsafeMutablePointer<Int32> { memory.at(layout.columnSums, Int32.self) }
  var logits: UnsafeMutablePointer<Int32> { memory.at(layout.logits, Int32.self) }
  var probabilities: UnsafeMutablePointer<Int8> { memory.at(layout.probabilities, Int8.self) }
  var factors: UnsafeMutablePointer<Float> { memory.at(layout.factors, Float.self) }
  var pointers: UnsafeMutablePointer<UnsafePointer<Int8>> { memory.at(layout.pointers, UnsafePointer<Int8>.self) }

  func pack(keys: UnsafePointer<Int8>, values: UnsafePointer<Int8>, stride: Int) {
    let (rows, columns) = (UInt32(truncatingIfNeeded: tokens), UInt32(truncatingIfNeeded: depth))
    kernels.pointee.pack_keys(keys, stride, rows, columns, memory.at(layout.keys, Int8.self))
    kernels.pointee.pack_values(values, stride, rows, columns, memory.at(layout.values, Int8.self), columnSums)
  }

  func run(queries: UnsafePointer<Int8>, stride: Int, target: drift_destination) {
    var first = 0
    while first < tokens {
      let rows = min(tileRows, tokens &- first)
      pointToQueries(queries + first &* stride, stride: stride, rows: rows)
      multiplyKeys()
      for row in 0..<rows { exponentiate(row) }
      pointToProbabilities(rows: rows)
      var tile = target
      tile.base = target.base + first &* target.stride
      multiplyValues(rows: rows, target: tile)
      first &+= rows
    }
  }

  /// Rows beyond the last query repeat it. Depths that are no multiple of 4 are copied, so that no byte of the next head is read.
  private func pointToQueries(_ queries: UnsafePointer<Int8>, stride: Int, rows: Int) {
    let copies = memory.at(layout.queries, Int8.self)
    for row in 0..<tileRows {
      let query = queries + min(row, rows &- 1) &* stride
      guard depth & 3 != 0 else {
        pointers[row] = query
        continue
      }
      let copy = copies + row &* depthWords &* 4
      for c in 0..<depthWords &* 4 { copy[c] = c < depth ? query[c] : 0 }
      pointers[row] = UnsafePointer(copy)
    }
  }

  private func multiplyKeys() {
    let words = UInt32(truncatingIfNeeded: depthWords)
    let keys = memory.at(layout.keys, Int8.self)
    for block in 0..<(tokens &+ 15) / 16 {
      kernels.pointee.multiply(pointers, 1, words, keys + block &* depthWords &* 64, logits + block &* tileRows &* 16)
    }
  }

  private func exponentiate(_ row: Int) {
    let total = kernels.pointee.exponentiate(
      logits + row &* 16, tileRows &* 16, UInt32(truncatingIfNeeded: tokens), distanceFactor, table,
      probabilities + row &* tokenWords &* 4)
    factors[row] = valueFactor / drift_f32_from_i32(total)
  }

  private func pointToProbabilities(rows: Int) {
    for row in 0..<tileRows {
      pointers[row] = UnsafePointer(probabilities + min(row, rows &- 1) &* tokenWords &* 4)
    }
  }

  private func multiplyValues(rows: Int, target: drift_destination) {
    let values = memory.at(layout.values, Int8.self)
    var tile = target
    var channel = 0
    while channel < depth {
      let words = UInt32(truncatingIfNeeded: tokenWords)
      kernels.pointee.multiply(pointers, 1, words, values + (channel / 16) &* tokenWords &* 64, sums)
      tile.base = target.base + channel
      kernels.pointee.store_attention(
        sums, UInt32(truncatingIfNeeded: rows), UInt32(truncatingIfNeeded: min(16, depth &- channel)), columnSums + channel,
        factors, &tile)
      channel &+= 16
    }
  }
}
