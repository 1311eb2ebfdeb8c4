import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Softmax attention, head by head: keys and values are packed like weights, for all threads together; then each takes tiles of
  /// queries and runs both products with the logits in its own scratch.
  func attend(_ operation: drift_operator) {
    let (q, k, v) = (operand(operation.inputs.0), operand(operation.inputs.1), operand(operation.inputs.2))
    let y = operand(operation.output)
    let heads = Int(truncatingIfNeeded: operation.heads)
    let attention = Attention(
      kernels: kernels, own: scratch(operation), shared: sharedScratch(operation), queries: q.pixels, tokens: k.pixels,
      depth: q.channels / heads, valueDepth: v.channels / heads,
      table: file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: UInt8.self),
      distanceFactor: ((q.scale * k.scale) * operation.gain) * 256, valueFactor: v.scale / y.scale)
    for head in 0..<heads {
      let (channel, valueChannel) = (head &* attention.depth, head &* attention.valueDepth)
      if head > 0 { team.barrier() }
      team.forEach(2) { part in
        if part == 0 {
          attention.pack(keys: k.int8 + channel, stride: k.stride)
        } else {
          attention.pack(values: v.int8 + valueChannel, stride: v.stride)
        }
      }
      team.barrier()
      let target = destination(y, channel: valueChannel)
      team.forEach(attention.tiles) {
        attention.run(tile: $0, queries: q.int8 + channel, stride: q.stride, target: target)
      }
    }
  }
}

/// One head of an attention operator over its scratch.
private struct Attention {
  let kernels: UnsafePointer<drift_kernel_set>
  let own: UnsafeMutableRawPointer
  let shared: UnsafeMutableRawPointer
  let layout: AttentionScratch
  let queryCount: Int
  /// Keys, each with a value.
  let tokens: Int
  /// Channels of queries and keys, and of values.
  let depth: Int, valueDepth: Int
  let table: UnsafePointer<UInt8>
  let distanceFactor: Float
  let valueFactor: Float

  init(
    kernels: UnsafePointer<drift_kernel_set>, own: UnsafeMutableRawPointer, shared: UnsafeMutableRawPointer, queries: Int,
    tokens: Int, depth: Int, valueDepth: Int, table: UnsafePointer<UInt8>, distanceFactor: Float, valueFactor: Float
  ) {
    (self.kernels, self.own, self.shared, queryCount) = (kernels, own, shared, queries)
    (self.tokens, self.depth, self.valueDepth) = (tokens, depth, valueDepth)
    (self.table, self.distanceFactor, self.valueFactor) = (table, distanceFactor, valueFactor)
    layout = AttentionScratch(
      tokens: UInt64(truncatingIfNeeded: tokens), depth: UInt64(truncatingIfNeeded: depth),
      valueDepth: UInt64(truncatingIfNeeded: valueDepth))
  }

  var tileRows: Int { Int(truncatingIfNeeded: kernels.pointee.tile_rows) }
  var tileColumns: Int { 16 &* Int(truncatingIfNeeded: kernels.pointee.tile_blocks) }
  var tiles: Int { (queryCount &+ tileRows &- 1) / tileRows }
  var depthWords: Int { (depth &+ 3) / 4 }
  var tokenWords: Int { (tokens &+ 3) / 4 }
  /// Logits from one query to the next.
  var logitStride: Int { (tokens &+ 15) / 16 &* 16 }
  var keys: UnsafeMutablePointer<Int8> { shared.at(layout.keys, Int8.self) }
  var values: UnsafeMutablePointer<Int8> { shared.at(layout.values, Int8.self) }
  var keyOffsets: UnsafeMutablePointer<Int32> { shared.at(layout.keyOffsets, Int32.self) }
  var valueOffsets: UnsafeMutablePointer<Int32> { shared.at(layout.valueOffsets, Int32.self) }
  var logits: UnsafeMutablePointer<Int32> { own.at(layout.logits, Int32.self) }
  var probabilities: UnsafeMutablePointer<Int8> { own.at(layout.probabilities, Int8.self) }
  var factors: UnsafeMutablePointer<Float> { own.at(layout.factors, Float.self) }
  var pointers: UnsafeMutablePointer<UnsafePointer<Int8>> { own.at(layout.pointers, UnsafePointer<Int8>.self) }

  /// Queries are stored with the kernels' bias, which the sums of the keys take out again.
  func pack(keys source: UnsafePointer<Int8>, stride: Int) {
    kernels.pointee.pack_keys(
      source, stride, UInt32(truncatingIfNeeded: tokens), UInt32(truncatingIfNeeded: depth), keys, keyOffsets)
    let factor = 0 &- kernels.pointee.operand_bias
    for token in 0..<logitStride { keyOffsets[token] = factor &* keyOffsets[token] }
  }

  /// Probabilities are stored as p - 128 with the kernels' bias.
  func pack(values source: UnsafePointer<Int8>, stride: Int) {
    kernels.pointee.pack_values(
      source, stride, UInt32(truncatingIfNeeded: tokens), UInt32(truncatingIfNeeded: valueDepth), values, valueOffsets)
    let factor = 128 &- kernels.pointee.operand_bias
    for c in 0..<(valueDepth &+ 15) / 16 &* 16 { valueOffsets[c] = factor &* valueOffsets[c] }
  }

  func run(tile: Int, queries: UnsafePointer<Int8>, stride: Int, target: drift_destination) {
    let first = tile &* tileRows
    let rows = min(tileRows, queryCount &- first)
    pointToQueries(queries + first &* stride, stride: stride, rows: rows)
    multiplyKeys(rows: rows)
    for row in 0..<rows { exponentiate(row) }
    for row in 0..<tileRows { pointers[row] = UnsafePointer(probabilities + min(row, rows &- 1) &* tokenWords &* 4) }
    var place = target
    place.base = target.base + first &* target.stride
    multiplyValues(rows: rows, target: place)
  }

  /// Rows beyond the last query repeat it. Depths that are no multiple of 4 are copied, so that no byte of the next head is read.
  private func pointToQueries(_ queries: UnsafePointer<Int8>, stride: Int, rows: Int) {
    let copies = own.at(layout.queries, Int8.self)
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

  private func multiplyKeys(rows: Int) {
    var tile = self.tile(words: depthWords, rows: rows)
    var target = drift_destination(
      base: logits, low: nil, stride: logitStride, type: DRIFT_STORE_SUMS.rawValue,
      quantizer: drift_quantizer(low: 0, high: 0, zero_point: 0))
    var token = 0
    while token < tokens {
      tile.columns = UInt32(truncatingIfNeeded: min(tileColumns, tokens &- token))
      tile.offset = UnsafePointer(keyOffsets + token)
      target.base = UnsafeMutableRawPointer(logits + token)
      kernels.pointee.multiply(pointers, keys + (token / 16) &* depthWords &* 64, &tile, &target)
      token &+= tileColumns
    }
  }

  private func exponentiate(_ row: Int) {
    let total = kernels.pointee.exponentiate(
      logits + row &* logitStride, UInt32(truncatingIfNeeded: tokens), distanceFactor, table,
      probabilities + row &* tokenWords &* 4)
    factors[row] = valueFactor / drift_f32_from_i32(total)
  }

  private func multiplyValues(rows: Int, target: drift_destination) {
    var tile = self.tile(words: tokenWords, rows: rows)
    tile.row_factor = UnsafePointer(factors)
    var place = target
    var channel = 0
    while channel < valueDepth {
      tile.columns = UInt32(truncatingIfNeeded: min(tileColumns, valueDepth &- channel))
      tile.offset = UnsafePointer(valueOffsets + channel)
      place.base = target.base + channel
      kernels.pointee.multiply(pointers, values + (channel / 16) &* tokenWords &* 64, &tile, &place)
      channel &+= tileColumns
    }
  }

  private func tile(words: Int, rows: Int) -> drift_tile {
    drift_tile(
      taps: 1, words: UInt32(truncatingIfNeeded: words), pixels: UInt32(truncatingIfNeeded: rows), columns: 0, pair: 0,
      offset: keyOffsets, multiplier: nil, bias: nil, row_factor: nil, residual: nil, residual_stride: 0, residual_gain: 0,
      next: nil)
  }
}
