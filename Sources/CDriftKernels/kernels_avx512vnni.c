// x86-64 with AVX-512 and VNNI.
#if defined(__x86_64__)

#include "drift_avx512.h"
#include "drift_avx2_events.h"

enum { TILE_ROWS = 6, TILE_BLOCKS = 4 };

typedef __m512i tile_registers[TILE_ROWS][TILE_BLOCKS];

/// Sums of R rows by 16 * B outputs.
///
/// With 6 rows by 64 outputs 24 of 32 registers are sums, 4 hold weights, the rest broadcast operands. A word takes 4 loads of weights,
/// 6 broadcasts and 24 VPDPBUSD: with two loads and two products a cycle, 12 cycles for 1536 multiply-adds, the dot product's own
/// limit, with the load ports half idle. Six row pointers fit the general registers; twelve rows of two blocks would load less but
/// spill them. Fewer blocks keep the ratio: 8 loads to 12 products with two.
INLINE void tile_sums(
    const int R, const int B, const int prefetches, const int8_t *const *rows, const int8_t *weights, const drift_tile *tile,
    tile_registers sum) {
  const uint32_t taps = tile->taps;
  const size_t words = tile->words, block_bytes = taps * words * 64;
  const int8_t *next = tile->next;
  UNROLL for (int r = 0; r < R; r++) {
    UNROLL for (int b = 0; b < B; b++) sum[r][b] = _mm512_setzero_si512();
  }
  for (uint32_t t = 0; t < taps; t++, rows += TILE_ROWS) {
    const int8_t *x[TILE_ROWS];
    UNROLL for (int r = 0; r < R; r++) x[r] = rows[r];
    for (size_t word = 0; word < words; word++, weights += 64) {
      __m512i w[TILE_BLOCKS];
      UNROLL for (int b = 0; b < B; b++) w[b] = _mm512_load_si512(weights + (size_t)b * block_bytes);
      if (prefetches) {
        _mm_prefetch((const char *)next, _MM_HINT_T1);
        _mm_prefetch((const char *)next + 64, _MM_HINT_T1);
        next += 128;
      }
      UNROLL for (int r = 0; r < R; r++) {
        const __m512i operand = _mm512_set1_epi32(drift_load_word(x[r] + 4 * word));
        UNROLL for (int b = 0; b < B; b++) sum[r][b] = _mm512_dpbusd_epi32(sum[r][b], operand, w[b]);
      }
    }
  }
}

/// Leaves sums in memory, [R][16 * B].
INLINE void spill(const int R, const int B, tile_registers sum, int32_t *sums) {
  UNROLL for (int r = 0; r < R; r++) {
    UNROLL for (int b = 0; b < B; b++) _mm512_store_si512(sums + 16 * (B * r + b), sum[r][b]);
  }
}

/// The same for one block, whose few sums would wait for each other: words alternate between two sets of sums.
INLINE void tile_sums_of_one_block(
    const int R, const int8_t *const *rows, const int8_t *weights, uint32_t taps, size_t words, int32_t *sums) {
  __m512i sum[TILE_ROWS][2];
  UNROLL for (int r = 0; r < R; r++) sum[r][0] = sum[r][1] = _mm512_setzero_si512();
  for (uint32_t t = 0; t < taps; t++, rows += TILE_ROWS) {
    const int8_t *x[TILE_ROWS];
    UNROLL for (int r = 0; r < R; r++) x[r] = rows[r];
    size_t word = 0;
    for (; word + 2 <= words; word += 2, weights += 128) {
      UNROLL for (int i = 0; i < 2; i++) {
        const __m512i w = _mm512_load_si512(weights + 64 * i);
        UNROLL for (int r = 0; r < R; r++) {
          const __m512i operand = _mm512_set1_epi32(drift_load_word(x[r] + 4 * (word + (size_t)i)));
          sum[r][i] = _mm512_dpbusd_epi32(sum[r][i], operand, w);
        }
      }
    }
    if (word < words) {
      const __m512i w = _mm512_load_si512(weights);
      UNROLL for (int r = 0; r < R; r++) {
        sum[r][0] = _mm512_dpbusd_epi32(sum[r][0], _mm512_set1_epi32(drift_load_word(x[r] + 4 * word)), w);
      }
      weights += 64;
    }
  }
  UNROLL for (int r = 0; r < R; r++) _mm512_store_si512(sums + 16 * r, _mm512_add_epi32(sum[r][0], sum[r][1]));
}

/// 16 output channels of a tile, in registers: stores of bytes might change what lies in memory.
typedef struct columns {
  __m512i offset;
  __m512 multiplier, bias;
} columns;

/// From the sums of one pixel to 16 values; `low` are those of the low plane of a pair.
INLINE __m512 tile_values_16(const drift_tile *tile, const columns *c, __m512i sum, __m512i low, uint32_t pixel, uint32_t o, __mmask16 mask) {
  __m512 v = _mm512_cvtepi32_ps(_mm512_add_epi32(sum, c->offset));
  if (tile->pair) {
    v = _mm512_add_ps(_mm512_mul_ps(v, _mm512_set1_ps(256.0f)), _mm512_cvtepi32_ps(_mm512_add_epi32(low, c->offset)));
  }
  if (tile->row_factor != NULL) return _mm512_mul_ps(v, _mm512_set1_ps(tile->row_factor[pixel]));
  v = _mm512_add_ps(_mm512_mul_ps(v, c->multiplier), c->bias);
  if (tile->residual != NULL) {
    const __m512 residual = floats_of_16(tile->residual + pixel * tile->residual_stride + o, mask);
    v = _mm512_add_ps(v, _mm512_mul_ps(residual, _mm512_set1_ps(tile->residual_gain)));
  }
  return v;
}

INLINE void store_tile_as(
    const int32_t *sums, size_t sum_stride, const drift_tile *shared, const drift_destination *destination, uint32_t type) {
  const drift_tile tile = *shared;
  const drift_destination out = *destination;
  const bounds b = bounds_of(&out.quantizer);
  const size_t pixel_stride = sum_stride << tile.pair;
  for (uint32_t o = 0; o < tile.columns; o += 16) {
    const __mmask16 mask = first_lanes(tile.columns - o);
    columns c = {_mm512_loadu_si512(tile.offset + o), _mm512_setzero_ps(), _mm512_setzero_ps()};
    if (tile.multiplier != NULL) c.multiplier = _mm512_loadu_ps(tile.multiplier + o), c.bias = _mm512_loadu_ps(tile.bias + o);
    const int32_t *sum = sums + o;
    size_t index = o;
    for (uint32_t pixel = 0; pixel < tile.pixels; pixel++, sum += pixel_stride, index += out.stride) {
      const __m512i first = _mm512_load_si512(sum);
      if (type == DRIFT_STORE_SUMS) {
        _mm512_mask_storeu_epi32((int32_t *)out.base + index, mask, _mm512_add_epi32(first, c.offset));
      } else {
        const __m512i second = tile.pair ? _mm512_load_si512(sum + sum_stride) : first;
        store_16(&out, type, &b, index, tile_values_16(&tile, &c, first, second, pixel, o, mask), mask);
      }
    }
  }
}

TARGET static void store_tile(const int32_t *sums, size_t sum_stride, const drift_tile *tile, const drift_destination *out) {
  switch (out->type) {
    case DRIFT_STORE_INT8: store_tile_as(sums, sum_stride, tile, out, DRIFT_STORE_INT8); break;
    case DRIFT_STORE_INT16: store_tile_as(sums, sum_stride, tile, out, DRIFT_STORE_INT16); break;
    case DRIFT_STORE_FLOAT: store_tile_as(sums, sum_stride, tile, out, DRIFT_STORE_FLOAT); break;
    default: store_tile_as(sums, sum_stride, tile, out, DRIFT_STORE_SUMS); break;
  }
}

/// 2, 4 or 6 rows: no row beyond the next even number is multiplied.
INLINE void multiply_blocks(
    const int B, const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  _Alignas(64) int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS * TILE_BLOCKS];
  tile_registers sum;
  const uint32_t count = tile->pixels << tile->pair;
  if (B == 1 && count > 2) {
    tile_sums_of_one_block(6, rows, weights, tile->taps, tile->words, sums);
  } else if (B == 1) {
    tile_sums_of_one_block(2, rows, weights, tile->taps, tile->words, sums);
  } else if (count > 4) {
    tile_sums(6, B, 0, rows, weights, tile, sum);
    spill(6, B, sum, sums);
  } else if (count > 2) {
    tile_sums(4, B, 0, rows, weights, tile, sum);
    spill(4, B, sum, sums);
  } else {
    tile_sums(2, B, 0, rows, weights, tile, sum);
    spill(2, B, sum, sums);
  }
  store_tile(sums, (size_t)B * DRIFT_BLOCK_OUTPUTS, tile, out);
}

/// Stores a whole tile from its registers.
INLINE void store_whole_tile(
    tile_registers sum, const drift_tile *shared, const drift_destination *destination, uint32_t type, int has_residual) {
  drift_tile tile = *shared;
  tile.pair = 0;
  tile.row_factor = NULL;
  if (!has_residual) tile.residual = NULL;
  const drift_destination out = *destination;
  const bounds limits = bounds_of(&out.quantizer);
  UNROLL for (int b = 0; b < TILE_BLOCKS; b++) {
    const uint32_t o = 16 * (uint32_t)b;
    const columns c = {
        _mm512_loadu_si512(tile.offset + o), _mm512_loadu_ps(tile.multiplier + o), _mm512_loadu_ps(tile.bias + o)};
    UNROLL for (uint32_t r = 0; r < TILE_ROWS; r++) {
      const __m512 v = tile_values_16(&tile, &c, sum[r][b], sum[r][b], r, o, 0xFFFF);
      store_16(&out, type, &limits, r * out.stride + o, v, 0xFFFF);
    }
  }
}

/// The tile that nearly all time goes into: 6 pixels by 64 outputs, of which none is missing.
INLINE void multiply_whole_tile(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  tile_registers sum;
  if (tile->next != NULL) tile_sums(TILE_ROWS, TILE_BLOCKS, 1, rows, weights, tile, sum);
  else tile_sums(TILE_ROWS, TILE_BLOCKS, 0, rows, weights, tile, sum);
  if (out->type == DRIFT_STORE_INT8) store_whole_tile(sum, tile, out, DRIFT_STORE_INT8, 0);
  else if (tile->residual == NULL) store_whole_tile(sum, tile, out, DRIFT_STORE_INT16, 0);
  else store_whole_tile(sum, tile, out, DRIFT_STORE_INT16, 1);
}

INLINE int is_whole_tile(const drift_tile *tile, const drift_destination *out) {
  if (tile->pixels != TILE_ROWS || tile->columns != TILE_BLOCKS * DRIFT_BLOCK_OUTPUTS || tile->pair) return 0;
  if (tile->row_factor != NULL) return 0;
  return out->type == DRIFT_STORE_INT16 || (out->type == DRIFT_STORE_INT8 && tile->residual == NULL);
}

static void multiply_three_blocks(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out);

/// 6 rows by 64 outputs, in one go where all of them are there.
TARGET static void drift_tile_s8_6x64_avx512vnni(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  if (is_whole_tile(tile, out)) {
    multiply_whole_tile(rows, weights, tile, out);
    return;
  }
  switch ((tile->columns + 15) / 16) {
    case 1: multiply_blocks(1, rows, weights, tile, out); break;
    case 2: multiply_blocks(2, rows, weights, tile, out); break;
    case 3: multiply_three_blocks(rows, weights, tile, out); break;
    default: multiply_blocks(4, rows, weights, tile, out); break;
  }
}

/// Two taps of 16 operands, the first in the low half of each lane.
INLINE __m512i operand_pairs(const int8_t *x0, const int8_t *x1) {
  const __m512i low = _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x0));
  if (x1 == NULL) return low;
  return _mm512_or_si512(low, _mm512_slli_epi32(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)x1)), 16));
}

/// The same of weights, which have signs.
INLINE __m512i weight_pairs(const int8_t *w0, const int8_t *w1) {
  const __m512i low = _mm512_maskz_mov_epi16(0x55555555, _mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)w0)));
  if (w1 == NULL) return low;
  return _mm512_or_si512(low, _mm512_slli_epi32(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)w1)), 16));
}

/// Sums of R pixels by 16 channels over all taps, two taps at a time.
INLINE void depthwise_sums(
    const int R, const int8_t *const *rows, const int8_t *weights, size_t channels, uint32_t taps, size_t first, int32_t *sums) {
  __m512i sum[TILE_ROWS];
  UNROLL for (int r = 0; r < R; r++) sum[r] = _mm512_setzero_si512();
  uint32_t t = 0;
  for (; t + 2 <= taps; t += 2, rows += 2 * TILE_ROWS, weights += 2 * channels) {
    const __m512i w = weight_pairs(weights + first, weights + channels + first);
    UNROLL for (int r = 0; r < R; r++) {
      sum[r] = _mm512_dpwssd_epi32(sum[r], operand_pairs(rows[r] + first, rows[TILE_ROWS + r] + first), w);
    }
  }
  if (t < taps) {
    const __m512i w = weight_pairs(weights + first, NULL);
    UNROLL for (int r = 0; r < R; r++) sum[r] = _mm512_dpwssd_epi32(sum[r], operand_pairs(rows[r] + first, NULL), w);
  }
  UNROLL for (int r = 0; r < R; r++) _mm512_store_si512(sums + 16 * r, sum[r]);
}

TARGET static void drift_depthwise_avx512vnni(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  const size_t channels = (tile->columns + 15) / 16 * 16;
  for (uint32_t first = 0; first < tile->columns; first += DRIFT_BLOCK_OUTPUTS) {
    _Alignas(64) int32_t sums[TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
    if (tile->pixels > 2) depthwise_sums(TILE_ROWS, rows, weights, channels, tile->taps, first, sums);
    else depthwise_sums(2, rows, weights, channels, tile->taps, first, sums);
    const drift_tile block = drift_tile_block(tile, first);
    const drift_destination target = drift_destination_block(out, first);
    store_tile(sums, DRIFT_BLOCK_OUTPUTS, &block, &target);
  }
}

/// Two blocks, then one: too rare for code of its own.
TARGET static void multiply_three_blocks(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  drift_tile part = *tile;
  part.columns = 32;
  drift_tile_s8_6x64_avx512vnni(rows, weights, &part, out);
  part.columns = tile->columns - 32;
  part.offset += 32;
  if (part.multiplier != NULL) part.multiplier += 32, part.bias += 32;
  if (part.residual != NULL) part.residual += 32;
  drift_destination rest = *out;
  const size_t value_bytes = out->type == DRIFT_STORE_INT8 ? 1 : out->type == DRIFT_STORE_INT16 ? 2 : 4;
  rest.base = (uint8_t *)out->base + 32 * value_bytes;
  drift_tile_s8_6x64_avx512vnni(rows, weights + (size_t)2 * tile->taps * tile->words * 64, &part, &rest);
}

TARGET static uint64_t drift_peak_avx512vnni(uint32_t iterations) {
  enum { CHAINS = 16 };
  __m512i x = _mm512_set1_epi8(3), w = _mm512_set1_epi8(5), sum[CHAINS];
  for (int k = 0; k < CHAINS; k++) sum[k] = _mm512_setzero_si512();
  for (uint32_t i = 0; i < iterations; i++) {
    UNROLL for (int k = 0; k < CHAINS; k++) sum[k] = _mm512_dpbusd_epi32(sum[k], x, w);
    UNROLL for (int k = 0; k < CHAINS; k++) __asm__ volatile("" : "+v"(sum[k]));
  }
  return (uint64_t)iterations * CHAINS * 64;
}

TARGET static void settle(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  store_tile(sums, DRIFT_BLOCK_OUTPUTS, tile, out);
}

const drift_kernel_set *drift_kernels_avx512vnni(void) {
  static const drift_kernel_set set = {
      .name = "avx512vnni",
      .tile_rows = TILE_ROWS,
      .tile_blocks = TILE_BLOCKS,
      .operand_bias = OPERAND_BIAS,
      .multiply = drift_tile_s8_6x64_avx512vnni,
      .channel_sums = channel_sums,
      .transform = transform,
      .rescale = rescale,
      .quantize = quantize,
      .add = add,
      .average_rows = average_rows,
      .pack_keys = pack_keys,
      .pack_values = pack_values,
      .exponentiate = exponentiate,
      .depthwise = drift_depthwise_avx512vnni,
      .send = drift_send_avx2,
      .integrate = drift_integrate_avx2,
      .integrate_row = drift_integrate_row_avx2,
      .settle = settle,
      .peak = drift_peak_avx512vnni,
  };
  return &set;
}

#endif
