// Depthwise convolution for every ARM set: each channel has weights of its own, so no dot product helps.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// The sums of two pixels' 16 channels.
typedef struct pixel_sums {
  int32x4_t v[2][4];
} pixel_sums;

/// Adds two taps, or one, of both pixels. With |x| <= 128 and |w| <= 127 two products stay within 2*128*127 = 32512.
INLINE void add_taps(
    pixel_sums *sum, const int8_t *const *rows, const uint32_t tile_rows, const int8_t *weights, size_t channels, size_t first,
    const int both) {
  const int8x16_t w0 = vld1q_s8(weights + first), w1 = both ? vld1q_s8(weights + channels + first) : w0;
  UNROLL
  for (int r = 0; r < 2; r++) {
    const int8x16_t x0 = vld1q_s8(rows[r] + first);
    int16x8_t low = vmull_s8(vget_low_s8(x0), vget_low_s8(w0)), high = vmull_s8(vget_high_s8(x0), vget_high_s8(w0));
    if (both) {
      const int8x16_t x1 = vld1q_s8(rows[tile_rows + (uint32_t)r] + first);
      low = vmlal_s8(low, vget_low_s8(x1), vget_low_s8(w1));
      high = vmlal_s8(high, vget_high_s8(x1), vget_high_s8(w1));
    }
    sum->v[r][0] = vaddw_s16(sum->v[r][0], vget_low_s16(low));
    sum->v[r][1] = vaddw_s16(sum->v[r][1], vget_high_s16(low));
    sum->v[r][2] = vaddw_s16(sum->v[r][2], vget_low_s16(high));
    sum->v[r][3] = vaddw_s16(sum->v[r][3], vget_high_s16(high));
  }
}

INLINE void depthwise(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out, const uint32_t tile_rows) {
  const size_t channels = (tile->columns + 15) / 16 * 16;
  const uint32_t taps = tile->taps;
  for (uint32_t first = 0; first < tile->columns; first += DRIFT_BLOCK_OUTPUTS) {
    int32_t sums[DRIFT_MAX_TILE_ROWS * DRIFT_BLOCK_OUTPUTS];
    for (uint32_t pixel = 0; pixel < tile->pixels; pixel += 2) {
      pixel_sums sum;
      UNROLL
      for (int v = 0; v < 4; v++) sum.v[0][v] = sum.v[1][v] = vld1q_s32(tile->offset + first + 4 * v);
      const int8_t *const *row = rows + pixel;
      const int8_t *w = weights;
      uint32_t t = taps;
      for (; t >= 2; t -= 2, row += 2 * tile_rows, w += 2 * channels) add_taps(&sum, row, tile_rows, w, channels, first, 1);
      if (t > 0) add_taps(&sum, row, tile_rows, w, channels, first, 0);
      UNROLL
      for (int v = 0; v < 4; v++) {
        vst1q_s32(sums + DRIFT_BLOCK_OUTPUTS * pixel + 4 * v, sum.v[0][v]);
        vst1q_s32(sums + DRIFT_BLOCK_OUTPUTS * (pixel + 1) + 4 * v, sum.v[1][v]);
      }
    }
    const drift_tile block = drift_tile_block(tile, first);
    const drift_destination target = drift_destination_block(out, first);
    drift_store_tile_neon(sums, &block, &target);
  }
}

void drift_depthwise_6_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  depthwise(rows, weights, tile, out, 6);
}

void drift_depthwise_8_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out) {
  depthwise(rows, weights, tile, out, 8);
}

#endif
