// 256-bit kernels but for the matrix product's loop: what AVX2 and AVX-VNNI share. Whoever includes this defines
//   TARGET        the function attribute that allows the instructions
//   OPERAND_BIAS  what the set adds to every int8 operand that it stores
#ifndef DRIFT_AVX2_H
#define DRIFT_AVX2_H

#include <immintrin.h>

#include "drift_avx2_events.h"
#include "drift_scalar.h"

#define INLINE static inline __attribute__((always_inline)) TARGET
/// Vectors as they are written, but no loop unrolled: programs for boards carry the code of every set and run one.
#define SMALL TARGET __attribute__((minsize))

INLINE __m256 floats_of_8(const int16_t *q) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)q)));
}

INLINE __m128i packed_16(__m256i q) {
  return _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
}

/// Stores 8 operands in [-128, 127] with the bias.
INLINE void store_8_bytes(int8_t *out, __m256i q) {
  const __m128i words = packed_16(q);
  const __m128i bytes = _mm_packs_epi16(words, words);
  _mm_storel_epi64((__m128i *)out, OPERAND_BIAS ? _mm_xor_si128(bytes, _mm_set1_epi8(-128)) : bytes);
}

/// A quantizer in registers.
typedef struct bounds {
  __m256 low, high;
  __m256i zero_point;
} bounds;

INLINE bounds bounds_of(const drift_quantizer *q) {
  return (bounds){_mm256_set1_ps(q->low), _mm256_set1_ps(q->high), _mm256_set1_epi32(q->zero_point)};
}

/// Stores 8 values. The conversion rounds to nearest even, the processor's default mode.
INLINE void store_8(const drift_destination *out, uint32_t type, const bounds *b, size_t index, __m256 v) {
  if (type == DRIFT_STORE_FLOAT) {
    _mm256_storeu_ps((float *)out->base + index, v);
    return;
  }
  v = _mm256_min_ps(_mm256_max_ps(v, b->low), b->high);
  const __m256i q = _mm256_add_epi32(_mm256_cvtps_epi32(v), b->zero_point);
  if (type == DRIFT_STORE_INT16) {
    _mm_storeu_si128((__m128i *)((int16_t *)out->base + index), packed_16(q));
  } else if (type == DRIFT_STORE_INT8) {
    store_8_bytes((int8_t *)out->base + index, q);
  } else {
    const __m256i low = _mm256_srai_epi32(_mm256_slli_epi32(q, 24), 24);
    store_8_bytes((int8_t *)out->base + index, _mm256_srai_epi32(_mm256_sub_epi32(q, low), 8));
    store_8_bytes(out->low + index, low);
  }
}

INLINE void store_1(const drift_destination *out, uint32_t type, size_t index, float v) {
  drift_store_biased(out, type, index, v, OPERAND_BIAS);
}

/// Outputs o ... o + 7 of a pixel of a tile; sums: [rows][16].
INLINE __m256 tile_values_8(const int32_t *sums, const drift_tile *tile, uint32_t pixel, uint32_t o) {
  const __m256i offset = _mm256_loadu_si256((const __m256i *)(tile->offset + o));
  __m256 v;
  if (tile->pair) {
    const __m256i high = _mm256_loadu_si256((const __m256i *)(sums + 32 * pixel + o));
    const __m256i low = _mm256_loadu_si256((const __m256i *)(sums + 32 * pixel + 16 + o));
    v = _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_add_epi32(high, offset)), _mm256_set1_ps(256.0f));
    v = _mm256_add_ps(v, _mm256_cvtepi32_ps(_mm256_add_epi32(low, offset)));
  } else {
    v = _mm256_cvtepi32_ps(_mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(sums + 16 * pixel + o)), offset));
  }
  if (tile->row_factor != NULL) return _mm256_mul_ps(v, _mm256_set1_ps(tile->row_factor[pixel]));
  v = _mm256_add_ps(_mm256_mul_ps(v, _mm256_loadu_ps(tile->multiplier + o)), _mm256_loadu_ps(tile->bias + o));
  if (tile->residual != NULL) {
    const __m256 residual = floats_of_8(tile->residual + pixel * tile->residual_stride + o);
    v = _mm256_add_ps(v, _mm256_mul_ps(residual, _mm256_set1_ps(tile->residual_gain)));
  }
  return v;
}

INLINE void store_tile_as(const int32_t *sums, const drift_tile *tile, const drift_destination *out, uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    const size_t index = pixel * out->stride;
    uint32_t o = 0;
    for (; o + 8 <= tile->columns; o += 8) store_8(out, type, &b, index + o, tile_values_8(sums, tile, pixel, o));
    for (; o < tile->columns; o++) store_1(out, type, index + o, drift_tile_value(sums, DRIFT_BLOCK_OUTPUTS, tile, pixel, o));
  }
}

/// Stores a tile of one block from its sums, [rows][16].
INLINE void store_tile(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: store_tile_as(sums, tile, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: store_tile_as(sums, tile, out, DRIFT_STORE_INT16); break;
    case DRIFT_STORE_FLOAT: store_tile_as(sums, tile, out, DRIFT_STORE_FLOAT); break;
    default:
      for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
        int32_t *values = (int32_t *)out->base + pixel * out->stride;
        for (uint32_t o = 0; o < tile->columns; o++) values[o] = drift_sum(sums[16 * pixel + o], tile->offset[o]);
      }
  }
}

/// 16 operands as int16, with their bias.
INLINE __m256i widened(__m128i operands) {
  return OPERAND_BIAS ? _mm256_cvtepu8_epi16(operands) : _mm256_cvtepi8_epi16(operands);
}

/// Adds two taps, or one and nothing, of two pixels' 16 channels. Channels of both taps are interleaved, so that one multiply-add gives a
/// channel's sum over both.
INLINE void depthwise_taps(
    const int8_t *const *rows, uint32_t tile_rows, const int8_t *weights, size_t channels, size_t first, const int both,
    __m256i sum[2][2]) {
  const __m128i zero = _mm_setzero_si128();
  const __m128i w0 = _mm_loadu_si128((const __m128i *)(weights + first));
  const __m128i w1 = both ? _mm_loadu_si128((const __m128i *)(weights + channels + first)) : zero;
  const __m256i low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(w0, w1)), high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(w0, w1));
  for (int r = 0; r < 2; r++) {
    const __m128i x0 = _mm_loadu_si128((const __m128i *)(rows[r] + first));
    const __m128i x1 = both ? _mm_loadu_si128((const __m128i *)(rows[tile_rows + r] + first)) : zero;
    sum[r][0] = _mm256_add_epi32(sum[r][0], _mm256_madd_epi16(widened(_mm_unpacklo_epi8(x0, x1)), low));
    sum[r][1] = _mm256_add_epi32(sum[r][1], _mm256_madd_epi16(widened(_mm_unpackhi_epi8(x0, x1)), high));
  }
}

/// A tile of a depthwise convolution for a set whose tiles have `tile_rows` rows.
INLINE void depthwise(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out, const uint32_t tile_rows) {
  const size_t channels = (tile->columns + 15) / 16 * 16;
  const uint32_t taps = tile->taps;
  for (uint32_t first = 0; first < tile->columns; first += DRIFT_BLOCK_OUTPUTS) {
    int32_t sums[DRIFT_MAX_TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
    for (uint32_t pixel = 0; pixel < tile->pixels; pixel += 2) {
      const __m256i zero = _mm256_setzero_si256();
      __m256i sum[2][2] = {{zero, zero}, {zero, zero}};
      uint32_t t = 0;
      for (; t + 2 <= taps; t += 2) {
        depthwise_taps(rows + t * tile_rows + pixel, tile_rows, weights + t * channels, channels, first, 1, sum);
      }
      if (t < taps) depthwise_taps(rows + t * tile_rows + pixel, tile_rows, weights + t * channels, channels, first, 0, sum);
      for (uint32_t r = 0; r < 2; r++) {
        _mm256_storeu_si256((__m256i *)(sums + 16 * (pixel + r)), sum[r][0]);
        _mm256_storeu_si256((__m256i *)(sums + 16 * (pixel + r) + 8), sum[r][1]);
      }
    }
    const drift_tile block = drift_tile_block(tile, first);
    const drift_destination target = drift_destination_block(out, first);
    store_tile(sums, &block, &target);
  }
}

/// Adds the even and odd 32-bit lanes of `squares`, unsigned, to 64-bit sums.
INLINE void widen_add(__m256i *even, __m256i *odd, __m256i squares) {
  *even = _mm256_add_epi64(*even, _mm256_and_si256(squares, _mm256_set1_epi64x(0xFFFFFFFF)));
  *odd = _mm256_add_epi64(*odd, _mm256_srli_epi64(squares, 32));
}

/// Sums of 16 channels. Two pixels are interleaved, so that one multiply-add gives a channel's sum over both: at most 2^31, which
/// is taken as unsigned.
INLINE void channel_sums_16(const int16_t *x, size_t stride, uint32_t pixels, int64_t *sum, int64_t *square_sum) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i s[2], even[2], odd[2];
  for (int i = 0; i < 2; i++) s[i] = even[i] = odd[i] = _mm256_setzero_si256();
  for (uint32_t pixel = 0; pixel < pixels; pixel += 2, x += 2 * stride) {
    const __m256i a = _mm256_loadu_si256((const __m256i *)x);
    const __m256i b = pixel + 1 < pixels ? _mm256_loadu_si256((const __m256i *)(x + stride)) : _mm256_setzero_si256();
    const __m256i q[2] = {_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)};
    for (int i = 0; i < 2; i++) {
      s[i] = _mm256_add_epi32(s[i], _mm256_madd_epi16(q[i], ones));
      widen_add(&even[i], &odd[i], _mm256_madd_epi16(q[i], q[i]));
    }
  }
  // Lane k of half i is channel 4*i + k % 4 + 8 * (k / 4).
  for (int i = 0; i < 2; i++) {
    int32_t s_lanes[8];
    int64_t even_lanes[4], odd_lanes[4];
    _mm256_storeu_si256((__m256i *)s_lanes, s[i]);
    _mm256_storeu_si256((__m256i *)even_lanes, even[i]);
    _mm256_storeu_si256((__m256i *)odd_lanes, odd[i]);
    for (int k = 0; k < 8; k++) {
      const int c = 4 * i + k % 4 + 8 * (k / 4);
      sum[c] += s_lanes[k];
      square_sum[c] += k % 2 == 0 ? even_lanes[k / 2] : odd_lanes[k / 2];
    }
  }
}

SMALL static void channel_sums(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  uint32_t c = 0;
  for (; c + 16 <= channels; c += 16) channel_sums_16(x + c, stride, pixels, sum + c, square_sum + c);
  if (c < channels) drift_kernels_scalar()->channel_sums(x + c, stride, pixels, channels - c, sum + c, square_sum + c);
}

/// drift_bump of 8 values.
INLINE __m256 bump_8(__m256 y, const float *bump) {
  const __m256 u = _mm256_min_ps(_mm256_andnot_ps(_mm256_set1_ps(-0.0f), y), _mm256_set1_ps(bump[0]));
  __m256 p = _mm256_add_ps(_mm256_mul_ps(_mm256_set1_ps(bump[5]), u), _mm256_set1_ps(bump[4]));
  for (int i = 3; i >= 1; i--) p = _mm256_add_ps(_mm256_mul_ps(p, u), _mm256_set1_ps(bump[i]));
  for (int i = 0; i < 3; i++) p = _mm256_mul_ps(p, p);
  return _mm256_mul_ps(p, u);
}

INLINE __m256 activate_8(__m256 y, uint32_t activation, const float *table) {
  if (activation == 0) return y;
  const __m256 positive = _mm256_max_ps(y, _mm256_setzero_ps());
  if (activation == 1) return positive;
  if (activation == 3) return _mm256_sub_ps(positive, bump_8(y, table));
  __m256 index = _mm256_max_ps(_mm256_mul_ps(y, _mm256_set1_ps(128.0f)), _mm256_set1_ps(-1024.0f));
  index = _mm256_min_ps(index, _mm256_set1_ps(1023.0f));
  return _mm256_sub_ps(positive, _mm256_i32gather_ps(table + 1024, _mm256_cvtps_epi32(index), 4));
}

INLINE void transform_as(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t, const drift_destination *out,
    uint32_t type, uint32_t activation) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 inverse = _mm256_set1_ps(t->inverse);
  for (uint32_t pixel = 0; pixel < pixels; pixel++, x += stride) {
    const size_t index = pixel * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= channels; c += 8) {
      const __m256 scaled = _mm256_mul_ps(floats_of_8(x + c), _mm256_loadu_ps(t->scale + c));
      const __m256 y = _mm256_add_ps(scaled, _mm256_loadu_ps(t->shift + c));
      store_8(out, type, &b, index + c, _mm256_mul_ps(activate_8(y, activation, t->table), inverse));
    }
    for (; c < channels; c++) store_1(out, type, index + c, drift_transformed(x[c], t->scale[c], t->shift[c], t));
  }
}

SMALL static void transform(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t,
    const drift_destination *out) {
  const uint32_t activation = t->activation, type = out->type;
  if (type == DRIFT_STORE_INT8 && activation == 3) {
    transform_as(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, 3);
  } else if (type == DRIFT_STORE_INT8) {
    transform_as(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, activation);
  } else if (type == DRIFT_STORE_INT16) {
    transform_as(x, stride, pixels, channels, t, out, DRIFT_STORE_INT16, activation);
  } else {
    transform_as(x, stride, pixels, channels, t, out, DRIFT_STORE_PAIR, activation);
  }
}

SMALL static void rescale(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 f = _mm256_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) store_8(out, out->type, &b, index + c, _mm256_mul_ps(floats_of_8(x + c), f));
    for (; c < columns; c++) store_1(out, out->type, index + c, (float)x[c] * factor);
  }
}

SMALL static void quantize(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 f = _mm256_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) store_8(out, out->type, &b, index + c, _mm256_mul_ps(_mm256_loadu_ps(x + c), f));
    for (; c < columns; c++) store_1(out, out->type, index + c, x[c] * factor);
  }
}

SMALL static void add(const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const __m256 fa = _mm256_set1_ps(factor_a), fb = _mm256_set1_ps(factor_b);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 v = _mm256_add_ps(_mm256_mul_ps(floats_of_8(a + i), fa), _mm256_mul_ps(floats_of_8(b + i), fb));
    store_8(&destination, DRIFT_STORE_INT16, &limits, i, v);
  }
  for (; i < count; i++) store_1(&destination, DRIFT_STORE_INT16, i, (float)a[i] * factor_a + (float)b[i] * factor_b);
}

SMALL static void average_rows(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const __m256 f = _mm256_set1_ps(factor);
  for (uint32_t x = 0; x < width; x++, top += 2 * stride, bottom += 2 * stride) {
    size_t c = 0;
    for (; c + 8 <= stride; c += 8) {
      const __m128i *q[4] = {
          (const __m128i *)(top + c), (const __m128i *)(top + stride + c), (const __m128i *)(bottom + c),
          (const __m128i *)(bottom + stride + c)};
      __m256i total = _mm256_setzero_si256();
      for (int i = 0; i < 4; i++) total = _mm256_add_epi32(total, _mm256_cvtepi16_epi32(_mm_loadu_si128(q[i])));
      store_8(&destination, DRIFT_STORE_INT16, &limits, x * stride + c, _mm256_mul_ps(_mm256_cvtepi32_ps(total), f));
    }
    for (; c < stride; c++) {
      const int32_t total = top[c] + top[stride + c] + bottom[c] + bottom[stride + c];
      store_1(&destination, DRIFT_STORE_INT16, x * stride + c, (float)total * factor);
    }
  }
}

/// Packs rows of `depth` operands as blocks of 16 rows by 4 values; adds each row's sum.
SMALL static void pack_keys(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums) {
  const uint32_t words = (depth + 3) / 4, rows = (tokens + 15) / 16 * 16;
  const __m256i bias = _mm256_set1_epi8((char)OPERAND_BIAS), ones = _mm256_set1_epi8(1), pairs = _mm256_set1_epi16(1);
  memset(row_sums, 0, sizeof(int32_t) * rows);
  for (uint32_t first = 0; first < rows; first += 16) {
    const uint32_t count = tokens - first < 16 ? tokens - first : 16;
    for (uint32_t word = 0; word < words; word++, packed += 64) {
      const uint32_t bytes = depth - 4 * word < 4 ? depth - 4 * word : 4;
      int32_t lanes[16] = {0};
      for (uint32_t row = 0; row < count; row++) {
        const int8_t *key = keys + (first + row) * stride + 4 * word;
        lanes[row] = OPERAND_BIAS ? (int32_t)0x80808080u : 0;
        if (bytes == 4) lanes[row] = drift_load_word(key);
        else memcpy(&lanes[row], key, bytes);
      }
      for (uint32_t row = count; row < 16; row++) lanes[row] = OPERAND_BIAS ? (int32_t)0x80808080u : 0;
      for (int half = 0; half < 2; half++) {
        const __m256i v = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(lanes + 8 * half)), bias);
        _mm256_storeu_si256((__m256i *)(packed + 32 * half), v);
        // Ones are the unsigned factor, so a pair's sum stays in 16 bits.
        const __m256i sums = _mm256_madd_epi16(_mm256_maddubs_epi16(ones, v), pairs);
        __m256i *total = (__m256i *)(row_sums + first + 8 * (uint32_t)half);
        _mm256_storeu_si256(total, _mm256_add_epi32(_mm256_loadu_si256(total), sums));
      }
    }
  }
}

/// Packs columns of `tokens` operands as blocks of 16 columns by 4 tokens: a transposition of 4 rows of 16 bytes at a time.
SMALL static void pack_values(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums) {
  const uint32_t words = (tokens + 3) / 4, columns = (depth + 15) / 16 * 16;
  const __m128i bias = _mm_set1_epi8((char)OPERAND_BIAS), ones = _mm_set1_epi8(1), pairs = _mm_set1_epi16(1);
  memset(column_sums, 0, sizeof(int32_t) * columns);
  for (uint32_t first = 0; first < columns; first += 16) {
    const uint32_t count = depth - first < 16 ? depth - first : 16;
    for (uint32_t word = 0; word < words; word++, packed += 64) {
      __m128i row[4];
      for (uint32_t i = 0; i < 4; i++) {
        row[i] = _mm_setzero_si128();
        if (4 * word + i >= tokens) continue;
        const int8_t *source = values + (4 * (size_t)word + i) * stride + first;
        if (count == 16) {
          row[i] = _mm_xor_si128(_mm_loadu_si128((const __m128i *)source), bias);
        } else {
          int8_t bytes[16] = {0};
          for (uint32_t c = 0; c < count; c++) bytes[c] = (int8_t)(source[c] ^ OPERAND_BIAS);
          row[i] = _mm_loadu_si128((const __m128i *)bytes);
        }
      }
      const __m128i low01 = _mm_unpacklo_epi8(row[0], row[1]), high01 = _mm_unpackhi_epi8(row[0], row[1]);
      const __m128i low23 = _mm_unpacklo_epi8(row[2], row[3]), high23 = _mm_unpackhi_epi8(row[2], row[3]);
      const __m128i quads[4] = {
          _mm_unpacklo_epi16(low01, low23), _mm_unpackhi_epi16(low01, low23), _mm_unpacklo_epi16(high01, high23),
          _mm_unpackhi_epi16(high01, high23)};
      for (int i = 0; i < 4; i++) {
        _mm_storeu_si128((__m128i *)(packed + 16 * i), quads[i]);
        const __m128i sums = _mm_madd_epi16(_mm_maddubs_epi16(ones, quads[i]), pairs);
        __m128i *total = (__m128i *)(column_sums + first + 4 * (uint32_t)i);
        _mm_storeu_si128(total, _mm_add_epi32(_mm_loadu_si128(total), sums));
      }
    }
  }
}

INLINE int32_t largest(__m256i v) {
  int32_t lanes[8];
  _mm256_storeu_si256((__m256i *)lanes, v);
  int32_t result = lanes[0];
  for (int i = 1; i < 8; i++) result = lanes[i] > result ? lanes[i] : result;
  return result;
}

INLINE int32_t exponential(int32_t distance, float factor, const uint8_t *table) {
  const float scaled = (float)distance * factor;
  return table[drift_rne(scaled < 2047.0f ? scaled : 2047.0f)];
}

/// Groups of 8 tokens in vectors. Bytes of the table are gathered as aligned words, so that nothing past its end is read.
SMALL static int32_t exponentiate(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  const uint32_t whole = tokens / 8 * 8;
  int32_t maximum = logits[0], result = 0;
  if (whole > 0) {
    __m256i maxima = _mm256_loadu_si256((const __m256i *)logits);
    for (uint32_t j = 8; j < whole; j += 8) {
      maxima = _mm256_max_epi32(maxima, _mm256_loadu_si256((const __m256i *)(logits + j)));
    }
    maximum = largest(maxima);
  }
  for (uint32_t j = whole; j < tokens; j++) maximum = logits[j] > maximum ? logits[j] : maximum;
  const __m256 f = _mm256_set1_ps(factor);
  __m256i total = _mm256_setzero_si256();
  for (uint32_t j = 0; j < whole; j += 8) {
    const __m256i difference = _mm256_sub_epi32(_mm256_set1_epi32(maximum), _mm256_loadu_si256((const __m256i *)(logits + j)));
    const __m256 distance = _mm256_mul_ps(_mm256_cvtepi32_ps(difference), f);
    const __m256i index = _mm256_cvtps_epi32(_mm256_min_ps(distance, _mm256_set1_ps(2047.0f)));
    const __m256i words = _mm256_i32gather_epi32((const int *)table, _mm256_srli_epi32(index, 2), 4);
    const __m256i shift = _mm256_slli_epi32(_mm256_and_si256(index, _mm256_set1_epi32(3)), 3);
    const __m256i p = _mm256_and_si256(_mm256_srlv_epi32(words, shift), _mm256_set1_epi32(255));
    total = _mm256_add_epi32(total, p);
    store_8_bytes(probabilities + j, _mm256_sub_epi32(p, _mm256_set1_epi32(128)));
  }
  int32_t lanes[8];
  _mm256_storeu_si256((__m256i *)lanes, total);
  for (int i = 0; i < 8; i++) result += lanes[i];
  for (uint32_t j = whole; j < tokens; j++) {
    const int32_t p = exponential(maximum - logits[j], factor, table);
    probabilities[j] = (int8_t)(uint8_t)((p - 128 + OPERAND_BIAS) & 255);
    result += p;
  }
  for (uint32_t j = tokens; j % 4 != 0; j++) probabilities[j] = 0;
  return result;
}

SMALL static void settle(const int32_t *sums, const drift_tile *tile, const drift_destination *out) { store_tile(sums, tile, out); }

/// Initializers of a kernel set but for its name, its tile and its peak.
#define DRIFT_AVX2_SHARED \
  .operand_bias = OPERAND_BIAS, .channel_sums = channel_sums, .transform = transform, .rescale = rescale, .quantize = quantize, \
  .add = add, .average_rows = average_rows, .pack_keys = pack_keys, .pack_values = pack_values, .exponentiate = exponentiate, \
  .send = drift_send_avx2, .integrate = drift_integrate_avx2, .integrate_row = drift_integrate_row_avx2, \
  .settle = settle

#endif
