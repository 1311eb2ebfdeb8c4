// x86-64 with AVX2.
#if defined(__x86_64__)

#include <immintrin.h>

#include "drift_scalar.h"

#define AVX2 __attribute__((target("avx2")))
#define INLINE static inline __attribute__((always_inline)) AVX2

enum { TILE_ROWS = 4 };

// VPMADDUBSW multiplies unsigned by signed bytes and adds pairs in int16. With |x| <= 128 and |w| <= 127 the pair |x|*w' + |x|*w'
// stays within 2*128*127 = 32512, so the saturating add is exact; the sign of x is moved onto w, which is never -128.
INLINE __m256i dot4(__m256i sum, __m256i weights, __m256i x, __m256i magnitude, __m256i ones) {
  __m256i pairs = _mm256_maddubs_epi16(magnitude, _mm256_sign_epi8(weights, x));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, ones));
}

AVX2 static void drift_gemm_s8_4x16_avx2(
    const int8_t *const *rows, uint32_t taps, uint32_t blocks, const int8_t *weights, int32_t *sums) {
  const __m256i ones = _mm256_set1_epi16(1);
  __m256i sum[TILE_ROWS][2];
  for (int r = 0; r < TILE_ROWS; r++) sum[r][0] = sum[r][1] = _mm256_setzero_si256();
  for (uint32_t t = 0; t < taps; t++, rows += TILE_ROWS) {
    const int8_t *x0 = rows[0], *x1 = rows[1], *x2 = rows[2], *x3 = rows[3];
    for (uint32_t b = 0; b < blocks; b++, weights += 64) {
      const __m256i w0 = _mm256_load_si256((const __m256i *)weights);
      const __m256i w1 = _mm256_load_si256((const __m256i *)(weights + 32));
#define ROW(r, pointer)                                                        \
  {                                                                            \
    const __m256i x = _mm256_set1_epi32(drift_load_word((pointer) + 4 * (size_t)b)); \
    const __m256i magnitude = _mm256_abs_epi8(x);                              \
    sum[r][0] = dot4(sum[r][0], w0, x, magnitude, ones);                       \
    sum[r][1] = dot4(sum[r][1], w1, x, magnitude, ones);                       \
  }
      ROW(0, x0) ROW(1, x1) ROW(2, x2) ROW(3, x3)
#undef ROW
    }
  }
  for (int r = 0; r < TILE_ROWS; r++) {
    _mm256_storeu_si256((__m256i *)(sums + 16 * r), sum[r][0]);
    _mm256_storeu_si256((__m256i *)(sums + 16 * r + 8), sum[r][1]);
  }
}

INLINE __m256 floats_of_8(const int16_t *q) {
  return _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)q)));
}

INLINE __m128i packed_16(__m256i q) {
  return _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
}

INLINE void store_8_bytes(int8_t *out, __m256i q) {
  const __m128i words = packed_16(q);
  _mm_storel_epi64((__m128i *)out, _mm_packs_epi16(words, words));
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

INLINE void store_tile(const int32_t *sums, const drift_tile *tile, const drift_destination *out, uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 residual_gain = _mm256_set1_ps(tile->residual_gain);
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    uint32_t o = 0;
    for (; o + 8 <= tile->columns; o += 8) {
      __m256 v;
      if (tile->pair) {
        const __m256 high = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + 32 * pixel + o)));
        const __m256 low = _mm256_cvtepi32_ps(_mm256_loadu_si256((const __m256i *)(sums + 32 * pixel + 16 + o)));
        v = _mm256_add_ps(_mm256_mul_ps(high, _mm256_set1_ps(256.0f)), low);
      } else {
        const __m256i sum = _mm256_loadu_si256((const __m256i *)(sums + 16 * pixel + o));
        v = _mm256_cvtepi32_ps(_mm256_add_epi32(sum, _mm256_loadu_si256((const __m256i *)(tile->offset + o))));
      }
      v = _mm256_add_ps(_mm256_mul_ps(v, _mm256_loadu_ps(tile->multiplier + o)), _mm256_loadu_ps(tile->bias + o));
      if (tile->residual != NULL) {
        const __m256 residual = floats_of_8(tile->residual + pixel * tile->residual_stride + o);
        v = _mm256_add_ps(v, _mm256_mul_ps(residual, residual_gain));
      }
      store_8(out, type, &b, pixel * out->stride + o, v);
    }
    for (; o < tile->columns; o++) drift_store(out, type, pixel * out->stride + o, drift_tile_value(sums, tile, pixel, o));
  }
}

AVX2 static void drift_store_tile_avx2(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: store_tile(sums, tile, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: store_tile(sums, tile, out, DRIFT_STORE_INT16); break;
    default: store_tile(sums, tile, out, DRIFT_STORE_FLOAT); break;
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

AVX2 static void drift_channel_sums_avx2(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum) {
  uint32_t c = 0;
  for (; c + 16 <= channels; c += 16) channel_sums_16(x + c, stride, pixels, sum + c, square_sum + c);
  if (c < channels) drift_kernels_scalar()->channel_sums(x + c, stride, pixels, channels - c, sum + c, square_sum + c);
}

INLINE __m256 activate_8(__m256 y, uint32_t activation, const float *table) {
  if (activation == 0) return y;
  const __m256 positive = _mm256_max_ps(y, _mm256_setzero_ps());
  if (activation == 1) return positive;
  __m256 index = _mm256_max_ps(_mm256_mul_ps(y, _mm256_set1_ps(128.0f)), _mm256_set1_ps(-1024.0f));
  index = _mm256_min_ps(index, _mm256_set1_ps(1023.0f));
  return _mm256_sub_ps(positive, _mm256_i32gather_ps(table + 1024, _mm256_cvtps_epi32(index), 4));
}

INLINE void transform(
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
    for (; c < channels; c++) drift_store(out, type, index + c, drift_transformed(x[c], t->scale[c], t->shift[c], t));
  }
}

AVX2 static void drift_transform_avx2(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t,
    const drift_destination *out) {
  const uint32_t activation = t->activation;
  switch (out->type) {
    case DRIFT_STORE_INT8:
      if (activation == 2) transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, 2);
      else transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT8, activation);
      break;
    case DRIFT_STORE_INT16: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_INT16, activation); break;
    default: transform(x, stride, pixels, channels, t, out, DRIFT_STORE_PAIR, activation); break;
  }
}

INLINE void rescale(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out, uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 f = _mm256_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) store_8(out, type, &b, index + c, _mm256_mul_ps(floats_of_8(x + c), f));
    for (; c < columns; c++) drift_store(out, type, index + c, (float)x[c] * factor);
  }
}

AVX2 static void drift_rescale_avx2(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: rescale(x, stride, rows, columns, factor, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: rescale(x, stride, rows, columns, factor, out, DRIFT_STORE_INT16); break;
    default: rescale(x, stride, rows, columns, factor, out, DRIFT_STORE_PAIR); break;
  }
}

AVX2 static void drift_quantize_avx2(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const __m256 f = _mm256_set1_ps(factor);
  for (uint32_t row = 0; row < rows; row++, x += stride) {
    const size_t index = row * out->stride;
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      store_8(out, out->type, &b, index + c, _mm256_mul_ps(_mm256_loadu_ps(x + c), f));
    }
    for (; c < columns; c++) drift_store(out, out->type, index + c, x[c] * factor);
  }
}

AVX2 static void drift_add_avx2(
    const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out) {
  const drift_destination destination = {.base = out, .type = DRIFT_STORE_INT16, .quantizer = {-32767.0f, 32767.0f, 0}};
  const bounds limits = bounds_of(&destination.quantizer);
  const __m256 fa = _mm256_set1_ps(factor_a), fb = _mm256_set1_ps(factor_b);
  size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256 v = _mm256_add_ps(_mm256_mul_ps(floats_of_8(a + i), fa), _mm256_mul_ps(floats_of_8(b + i), fb));
    store_8(&destination, DRIFT_STORE_INT16, &limits, i, v);
  }
  for (; i < count; i++) {
    drift_store(&destination, DRIFT_STORE_INT16, i, (float)a[i] * factor_a + (float)b[i] * factor_b);
  }
}

AVX2 static void drift_average_rows_avx2(
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
      drift_store(&destination, DRIFT_STORE_INT16, x * stride + c, (float)total * factor);
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

/// Whole blocks of 16 tokens in vectors. Bytes of the table are gathered as aligned words, so that nothing past its end is read.
AVX2 static int32_t drift_exponentiate_avx2(
    const int32_t *logits, size_t block_stride, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities) {
  if (tokens % 16 != 0) return drift_scalar_exponentiate(logits, block_stride, tokens, factor, table, probabilities);
  __m256i maxima = _mm256_loadu_si256((const __m256i *)logits);
  for (uint32_t j = 0; j < tokens; j += 8) {
    const int32_t *l = logits + (j / 16) * block_stride + j % 16;
    maxima = _mm256_max_epi32(maxima, _mm256_loadu_si256((const __m256i *)l));
  }
  const __m256i maximum = _mm256_set1_epi32(largest(maxima));
  const __m256 f = _mm256_set1_ps(factor);
  __m256i total = _mm256_setzero_si256();
  for (uint32_t j = 0; j < tokens; j += 8) {
    const int32_t *l = logits + (j / 16) * block_stride + j % 16;
    const __m256i difference = _mm256_sub_epi32(maximum, _mm256_loadu_si256((const __m256i *)l));
    const __m256 distance = _mm256_mul_ps(_mm256_cvtepi32_ps(difference), f);
    const __m256i index = _mm256_cvtps_epi32(_mm256_min_ps(distance, _mm256_set1_ps(2047.0f)));
    const __m256i words = _mm256_i32gather_epi32((const int *)table, _mm256_srli_epi32(index, 2), 4);
    const __m256i shift = _mm256_slli_epi32(_mm256_and_si256(index, _mm256_set1_epi32(3)), 3);
    const __m256i p = _mm256_and_si256(_mm256_srlv_epi32(words, shift), _mm256_set1_epi32(255));
    total = _mm256_add_epi32(total, p);
    store_8_bytes(probabilities + j, _mm256_sub_epi32(p, _mm256_set1_epi32(128)));
  }
  int32_t lanes[8], result = 0;
  _mm256_storeu_si256((__m256i *)lanes, total);
  for (int i = 0; i < 8; i++) result += lanes[i];
  return result;
}

AVX2 static void drift_store_attention_avx2(
    const int32_t *sums, uint32_t rows, uint32_t columns, const int32_t *column_sums, const float *factors,
    const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  for (uint32_t row = 0; row < rows; row++, sums += DRIFT_TILE_OUTPUTS) {
    const __m256 factor = _mm256_set1_ps(factors[row]);
    uint32_t c = 0;
    for (; c + 8 <= columns; c += 8) {
      const __m256i correction = _mm256_slli_epi32(_mm256_loadu_si256((const __m256i *)(column_sums + c)), 7);
      const __m256i sum = _mm256_add_epi32(_mm256_loadu_si256((const __m256i *)(sums + c)), correction);
      store_8(out, DRIFT_STORE_INT8, &b, row * out->stride + c, _mm256_mul_ps(_mm256_cvtepi32_ps(sum), factor));
    }
    for (; c < columns; c++) {
      drift_store(out, DRIFT_STORE_INT8, row * out->stride + c, (float)(sums[c] + 128 * column_sums[c]) * factors[row]);
    }
  }
}

/// VPMADDWD and VPADDD on int16, the fastest exact multiply-add of AVX2; the empty assembly keeps products from being shared.
AVX2 static uint64_t drift_peak_avx2(uint32_t iterations) {
  enum { CHAINS = 12 };
  __m256i x = _mm256_set1_epi16(3), w = _mm256_set1_epi16(5), sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = _mm256_setzero_si256();
  for (uint32_t i = 0; i < iterations; i++) {
    for (int k = 0; k < CHAINS; k++) {
      __asm__ volatile("" : "+x"(x));
      sum[k] = _mm256_add_epi32(sum[k], _mm256_madd_epi16(x, w));
    }
  }
  for (int k = 0; k < CHAINS; k++) __asm__ volatile("" ::"x"(sum[k]));
  return (uint64_t)iterations * CHAINS * 16;
}

const drift_kernel_set *drift_kernels_avx2(void) {
  static const drift_kernel_set set = {
      .name = "avx2",
      .tile_rows = TILE_ROWS,
      .multiply = drift_gemm_s8_4x16_avx2,
      .store_tile = drift_store_tile_avx2,
      .channel_sums = drift_channel_sums_avx2,
      .transform = drift_transform_avx2,
      .rescale = drift_rescale_avx2,
      .quantize = drift_quantize_avx2,
      .add = drift_add_avx2,
      .average_rows = drift_average_rows_avx2,
      .pack_keys = drift_scalar_pack_keys,
      .pack_values = drift_scalar_pack_values,
      .exponentiate = drift_exponentiate_avx2,
      .store_attention = drift_store_attention_avx2,
      .peak = drift_peak_avx2,
  };
  return &set;
}

#endif
