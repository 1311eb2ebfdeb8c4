// 512-bit kernels but for the matrix product's loop. Every tail is a mask: lanes beyond the end are neither read nor written.
#ifndef DRIFT_AVX512_H
#define DRIFT_AVX512_H

#include <immintrin.h>

#include "drift_scalar.h"

#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))
#define INLINE static inline __attribute__((always_inline)) TARGET
#define UNROLL _Pragma("clang loop unroll(full)")

/// VPDPBUSD multiplies unsigned by signed bytes, so operands are stored as q + 128.
#define OPERAND_BIAS 128

/// The first `count` of 16 lanes.
INLINE __mmask16 first_lanes(size_t count) { return count >= 16 ? 0xFFFF : (__mmask16)((1u << count) - 1); }

INLINE __m512 floats_of_16(const int16_t *q, __mmask16 mask) {
  const __m256i words = mask == 0xFFFF ? _mm256_loadu_si256((const __m256i *)q) : _mm256_maskz_loadu_epi16(mask, q);
  return _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(words));
}

INLINE __m512 load_floats(const float *x, __mmask16 mask) {
  return mask == 0xFFFF ? _mm512_loadu_ps(x) : _mm512_maskz_loadu_ps(mask, x);
}

INLINE __m512i load_words(const int32_t *x, __mmask16 mask) {
  return mask == 0xFFFF ? _mm512_loadu_si512(x) : _mm512_maskz_loadu_epi32(mask, x);
}

/// A quantizer in registers.
typedef struct bounds {
  __m512 low, high;
  __m512i zero_point;
} bounds;

INLINE bounds bounds_of(const drift_quantizer *q) {
  return (bounds){_mm512_set1_ps(q->low), _mm512_set1_ps(q->high), _mm512_set1_epi32(q->zero_point)};
}

/// Stores the low bytes of 16 values. Masked stores of truncated lanes are slow where masked stores of bytes are not.
INLINE void store_bytes(int8_t *out, __m512i q, __mmask16 mask) {
  const __m128i bytes = _mm_xor_si128(_mm512_cvtepi32_epi8(q), _mm_set1_epi8(-128));
  if (mask == 0xFFFF) _mm_storeu_si128((__m128i *)out, bytes);
  else _mm_mask_storeu_epi8(out, mask, bytes);
}

/// Stores 16 values, or those of the mask. The conversion rounds to nearest even, the processor's default mode.
INLINE void store_16(const drift_destination *out, uint32_t type, const bounds *b, size_t index, __m512 v, __mmask16 mask) {
  if (type == DRIFT_STORE_FLOAT) {
    _mm512_mask_storeu_ps((float *)out->base + index, mask, v);
    return;
  }
  v = _mm512_min_ps(_mm512_max_ps(v, b->low), b->high);
  const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(v), b->zero_point);
  if (type == DRIFT_STORE_INT16) {
    const __m256i words = _mm512_cvtepi32_epi16(q);
    int16_t *target = (int16_t *)out->base + index;
    if (mask == 0xFFFF) _mm256_storeu_si256((__m256i *)target, words);
    else _mm256_mask_storeu_epi16(target, mask, words);
  } else if (type == DRIFT_STORE_INT8) {
    store_bytes((int8_t *)out->base + index, q, mask);
  } else {
    const __m512i low = _mm512_srai_epi32(_mm512_slli_epi32(q, 24), 24);
    store_bytes((int8_t *)out->base + index, _mm512_srai_epi32(_mm512_sub_epi32(q, low), 8), mask);
    store_bytes(out->low + index, low, mask);
  }
}

/// Sums of 16 channels. Two pixels are interleaved, so that one multiply-add gives a channel's sum over both: at most 2^31, which
/// is taken as unsigned. Lane k of the 32-bit sums is channel k; even and odd ones go to 64-bit sums of their own.
INLINE void channel_sums_16(
    const int16_t *x, size_t stride, uint32_t pixels, int64_t *sum, int64_t *square_sum, __mmask16 mask) {
  const __m512i ones = _mm512_set1_epi16(1), low_half = _mm512_set1_epi64(0xFFFFFFFF);
  __m512i s = _mm512_setzero_si512(), even = s, odd = s;
  for (uint32_t pixel = 0; pixel < pixels; pixel += 2, x += 2 * stride) {
    const __m512i a = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x));
    const __m512i b =
        pixel + 1 < pixels ? _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(mask, x + stride)) : _mm512_setzero_si512();
    const __m512i q = _mm512_or_si512(a, _mm512_slli_epi32(b, 16));
    const __m512i squares = _mm512_madd_epi16(q, q);
    s = _mm512_add_epi32(s, _mm512_madd_epi16(q, ones));
    even = _mm512_add_epi64(even, _mm512_and_si512(squares, low_half));
    odd = _mm512_add_epi64(odd, _mm512_srli_epi64(squares, 32));
  }
  int32_t s_lanes[16];
  int64_t even_lanes[8], odd_lanes[8];
  _mm512_storeu_si512(s_lanes, s);
  _mm512_storeu_si512(even_lanes, even);
  _mm512_storeu_si512(odd_lanes, odd);
  for (int c = 0; c < 16; c++) {
    if (!(mask >> c & 1)) break;
    sum[c] += s_lanes[c];
    square_sum[c] += c % 2 == 0 ? even_lanes[c / 2] : odd_lanes[c / 2];
  }
}

TARGET static void channel_sums(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  for (uint32_t c = 0; c < channels; c += 16) {
    channel_sums_16(x + c, stride, pixels, sum + c, square_sum + c, first_lanes(channels - c));
  }
}

/// What an activation needs, in registers as far as that is possible: stores of bytes might change what lies in memory.
typedef struct activator {
  uint32_t activation;
  const float *table;
  __m512 bump[6];
} activator;

INLINE activator activator_of(uint32_t activation, const float *table) {
  activator a = {activation, table, {_mm512_setzero_ps()}};
  if (activation == 3) {
    UNROLL for (int i = 0; i < 6; i++) a.bump[i] = _mm512_set1_ps(table[i]);
  }
  return a;
}

/// drift_bump of 16 values.
INLINE __m512 bump_16(__m512 y, const __m512 *bump) {
  const __m512 u = _mm512_min_ps(_mm512_abs_ps(y), bump[0]);
  __m512 p = _mm512_add_ps(_mm512_mul_ps(bump[5], u), bump[4]);
  UNROLL for (int i = 3; i >= 1; i--) p = _mm512_add_ps(_mm512_mul_ps(p, u), bump[i]);
  UNROLL for (int i = 0; i < 3; i++) p = _mm512_mul_ps(p, p);
  return _mm512_mul_ps(p, u);
}

INLINE __m512 activate_16(__m512 y, const activator *a) {
  if (a->activation == 0) return y;
  const __m512 positive = _mm512_max_ps(y, _mm512_setzero_ps());
  if (a->activation == 1) return positive;
  if (a->activation == 3) return _mm512_sub_ps(positive, bump_16(y, a->bump));
  __m512 index = _mm512_max_ps(_mm512_mul_ps(y, _mm512_set1_ps(128.0f)), _mm512_set1_ps(-1024.0f));
  index = _mm512_min_ps(index, _mm512_set1_ps(1023.0f));
  return _mm512_sub_ps(positive, _mm512_i32gather_ps(_mm512_cvtps_epi32(index), a->table + 1024, 4));
}

/// activate_16 of four vectors with a bump, step by step side by side.
INLINE void bump_4x16(__m512 *v, const activator *a) {
  __m512 u[4], p[4];
  UNROLL for (int i = 0; i < 4; i++) u[i] = _mm512_min_ps(_mm512_abs_ps(v[i]), a->bump[0]);
  UNROLL for (int i = 0; i < 4; i++) p[i] = _mm512_add_ps(_mm512_mul_ps(a->bump[5], u[i]), a->bump[4]);
  UNROLL for (int k = 3; k >= 1; k--) {
    UNROLL for (int i = 0; i < 4; i++) p[i] = _mm512_add_ps(_mm512_mul_ps(p[i], u[i]), a->bump[k]);
  }
  UNROLL for (int k = 0; k < 3; k++) {
    UNROLL for (int i = 0; i < 4; i++) p[i] = _mm512_mul_ps(p[i], p[i]);
  }
  UNROLL for (int i = 0; i < 4; i++) v[i] = _mm512_sub_ps(_mm512_max_ps(v[i], _mm512_setzero_ps()), _mm512_mul_ps(p[i], u[i]));
}

/// Channels outside, pixels inside: scale and shift of 16 channels stay in registers.
INLINE void transform_as(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *transform,
    const drift_destination *destination, uint32_t type, uint32_t activation) {
  const drift_transform t = *transform;
  const drift_destination out = *destination;
  const bounds b = bounds_of(&out.quantizer);
  const activator a = activator_of(activation, t.table);
  const __m512 inverse = _mm512_set1_ps(t.inverse);
  for (uint32_t c = 0; c < channels; c += 16) {
    const __mmask16 mask = first_lanes(channels - c);
    const __m512 scale = load_floats(t.scale + c, mask), shift = load_floats(t.shift + c, mask);
    const int16_t *q = x + c;
    size_t index = c;
    uint32_t pixel = 0;
    // The chain of a value is some 80 cycles long; four of them side by side keep the multipliers busy.
    for (; activation == 3 && pixel + 4 <= pixels; pixel += 4, q += 4 * stride, index += 4 * out.stride) {
      __m512 v[4];
      UNROLL for (int i = 0; i < 4; i++) v[i] = floats_of_16(q + (size_t)i * stride, mask);
      UNROLL for (int i = 0; i < 4; i++) v[i] = _mm512_add_ps(_mm512_mul_ps(v[i], scale), shift);
      bump_4x16(v, &a);
      UNROLL for (int i = 0; i < 4; i++) v[i] = _mm512_mul_ps(v[i], inverse);
      UNROLL for (int i = 0; i < 4; i++) store_16(&out, type, &b, index + (size_t)i * out.stride, v[i], mask);
    }
    for (; pixel < pixels; pixel++, q += stride, index += out.stride) {
      const __m512 y = _mm512_add_ps(_mm512_mul_ps(floats_of_16(q, mask), scale), shift);
      store_16(&out, type, &b, index, _mm512_mul_ps(activate_16(y, &a), inverse), mask);
    }
  }
}

TARGET static void transform(
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

INLINE void rescale_as(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *destination,
    uint32_t type) {
  const drift_destination out = *destination;
  const bounds b = bounds_of(&out.quantizer);
  const __m512 f = _mm512_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    for (uint32_t c = 0; c < columns; c += 16) {
      const __mmask16 mask = first_lanes(columns - c);
      store_16(&out, type, &b, row * out.stride + c, _mm512_mul_ps(floats_of_16(x + c, mask), f), mask);
    }
  }
}

TARGET static void rescale(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: rescale_as(x, stride, rows, columns, factor, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: rescale_as(x, stride, rows, columns, factor, out, DRIFT_STORE_INT16); break;
    default: rescale_as(x, stride, rows, columns, factor, out, DRIFT_STORE_PAIR); break;
  }
}

TARGET static void quantize(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const __m512 f = _mm512_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    for (uint32_t c = 0; c < columns; c += 16) {
      const __mmask16 mask = first_lanes(columns - c);
      store_16(out, out->type, &b, row * out->stride + c, _mm512_mul_ps(load_floats(x + c, mask), f), mask);
    }
  }
}

TARGET static void add(const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const __m512 fa = _mm512_set1_ps(factor_a), fb = _mm512_set1_ps(factor_b);
  for (size_t i = 0; i < count; i += 16) {
    const __mmask16 mask = first_lanes(count - i);
    const __m512 v = _mm512_add_ps(_mm512_mul_ps(floats_of_16(a + i, mask), fa), _mm512_mul_ps(floats_of_16(b + i, mask), fb));
    store_16(&destination, DRIFT_STORE_INT16, &limits, i, v, mask);
  }
}

INLINE __m512i words_of_16(const int16_t *q, __mmask16 mask) {
  return _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(mask, q));
}

TARGET static void average_rows(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const __m512 f = _mm512_set1_ps(factor);
  for (uint32_t x = 0; x < width; x++, top += 2 * stride, bottom += 2 * stride) {
    for (size_t c = 0; c < stride; c += 16) {
      const __mmask16 mask = first_lanes(stride - c);
      const __m512i upper = _mm512_add_epi32(words_of_16(top + c, mask), words_of_16(top + stride + c, mask));
      const __m512i lower = _mm512_add_epi32(words_of_16(bottom + c, mask), words_of_16(bottom + stride + c, mask));
      const __m512 v = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_add_epi32(upper, lower)), f);
      store_16(&destination, DRIFT_STORE_INT16, &limits, x * stride + c, v, mask);
    }
  }
}

/// Packs rows of `depth` operands as blocks of 16 rows by 4 values; adds each row's sum.
TARGET static void pack_keys(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums) {
  const uint32_t words = (depth + 3) / 4, rows = (tokens + 15) / 16 * 16;
  const __m512i bias = _mm512_set1_epi8(-128), ones = _mm512_set1_epi8(1);
  for (uint32_t first = 0; first < rows; first += 16) {
    const uint32_t count = tokens - first < 16 ? tokens - first : 16;
    __m512i total = _mm512_setzero_si512();
    for (uint32_t word = 0; word < words; word++, packed += 64) {
      const uint32_t bytes = depth - 4 * word < 4 ? depth - 4 * word : 4;
      int32_t lanes[16];
      for (uint32_t row = 0; row < 16; row++) {
        const int8_t *key = keys + (first + row) * stride + 4 * (size_t)word;
        lanes[row] = (int32_t)0x80808080u;
        if (row >= count) continue;
        if (bytes == 4) lanes[row] = drift_load_word(key);
        else memcpy(&lanes[row], key, bytes);
      }
      const __m512i v = _mm512_xor_si512(_mm512_loadu_si512(lanes), bias);
      _mm512_storeu_si512(packed, v);
      total = _mm512_dpbusd_epi32(total, ones, v);
    }
    _mm512_storeu_si512(row_sums + first, total);
  }
}

/// Packs columns of `tokens` operands as blocks of 16 columns by 4 tokens: a transposition of 4 rows of 16 bytes at a time.
TARGET static void pack_values(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums) {
  const uint32_t words = (tokens + 3) / 4, columns = (depth + 15) / 16 * 16;
  const __m128i bias = _mm_set1_epi8(-128);
  const __m512i ones = _mm512_set1_epi8(1);
  for (uint32_t first = 0; first < columns; first += 16) {
    const __mmask16 mask = first_lanes(depth - first);
    __m512i total = _mm512_setzero_si512();
    for (uint32_t word = 0; word < words; word++, packed += 64) {
      __m128i row[4];
      for (uint32_t i = 0; i < 4; i++) {
        const __mmask16 there = 4 * word + i < tokens ? mask : 0;
        row[i] = _mm_maskz_loadu_epi8(there, values + (4 * (size_t)word + i) * stride + first);
        row[i] = _mm_mask_xor_epi32(row[i], 0xF, row[i], bias);
        row[i] = _mm_maskz_mov_epi8(there, row[i]);
      }
      const __m128i low01 = _mm_unpacklo_epi8(row[0], row[1]), high01 = _mm_unpackhi_epi8(row[0], row[1]);
      const __m128i low23 = _mm_unpacklo_epi8(row[2], row[3]), high23 = _mm_unpackhi_epi8(row[2], row[3]);
      const __m256i low = _mm256_inserti128_si256(
          _mm256_castsi128_si256(_mm_unpacklo_epi16(low01, low23)), _mm_unpackhi_epi16(low01, low23), 1);
      const __m256i high = _mm256_inserti128_si256(
          _mm256_castsi128_si256(_mm_unpacklo_epi16(high01, high23)), _mm_unpackhi_epi16(high01, high23), 1);
      const __m512i v = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
      _mm512_storeu_si512(packed, v);
      total = _mm512_dpbusd_epi32(total, ones, v);
    }
    _mm512_storeu_si512(column_sums + first, total);
  }
}

/// 16 tokens at a time. Bytes of the table are gathered as aligned words, so that nothing past its end is read.
TARGET static int32_t exponentiate(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  __m512i maxima = _mm512_set1_epi32(logits[0]), total = _mm512_setzero_si512();
  for (uint32_t j = 0; j < tokens; j += 16) {
    const __mmask16 mask = first_lanes(tokens - j);
    maxima = _mm512_mask_max_epi32(maxima, mask, maxima, load_words(logits + j, mask));
  }
  const __m512i maximum = _mm512_set1_epi32(_mm512_reduce_max_epi32(maxima));
  for (uint32_t j = 0; j < tokens; j += 16) {
    const __mmask16 mask = first_lanes(tokens - j);
    const __m512i difference = _mm512_sub_epi32(maximum, load_words(logits + j, mask));
    const __m512 distance = _mm512_mul_ps(_mm512_cvtepi32_ps(difference), _mm512_set1_ps(factor));
    __m512i index = _mm512_cvtps_epi32(_mm512_min_ps(distance, _mm512_set1_ps(2047.0f)));
    index = _mm512_maskz_mov_epi32(mask, index);
    const __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(index, 2), table, 4);
    const __m512i shift = _mm512_slli_epi32(_mm512_and_si512(index, _mm512_set1_epi32(3)), 3);
    const __m512i p = _mm512_and_si512(_mm512_srlv_epi32(words, shift), _mm512_set1_epi32(255));
    total = _mm512_mask_add_epi32(total, mask, total, p);
    // p - 128 with the bias is p itself.
    const __m128i bytes = _mm512_cvtepi32_epi8(p);
    if (mask == 0xFFFF) _mm_storeu_si128((__m128i *)(probabilities + j), bytes);
    else _mm_mask_storeu_epi8(probabilities + j, first_lanes((tokens - j + 3) / 4 * 4), bytes);
  }
  return _mm512_reduce_add_epi32(total);
}

#endif
