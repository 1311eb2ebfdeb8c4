// What becomes of the sums of a tile, for every ARM set: one row of 16 outputs at a time, in registers.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// Multipliers and biases of 16 outputs.
typedef struct output_scales {
  float32x4_t multiplier[4], bias[4];
} output_scales;

/// The 16 values of a pixel. residual: its 16 values, or NULL.
INLINE values tile_values(
    const int32_t *sums, const drift_tile *tile, uint32_t pixel, const output_scales *scales, const int16_t *residual) {
  values x;
  if (tile->pair) {
    sums += 2 * DRIFT_BLOCK_OUTPUTS * (size_t)pixel;
    UNROLL
    for (int i = 0; i < 4; i++) {
      const float32x4_t low = vcvtq_f32_s32(vld1q_s32(sums + DRIFT_BLOCK_OUTPUTS + 4 * i));
      x.v[i] = multiply_add(vcvtq_f32_s32(vld1q_s32(sums + 4 * i)), vdupq_n_f32(256.0f), low);
    }
  } else {
    sums += DRIFT_BLOCK_OUTPUTS * (size_t)pixel;
    UNROLL
    for (int i = 0; i < 4; i++) x.v[i] = vcvtq_f32_s32(vld1q_s32(sums + 4 * i));
  }
  if (tile->row_factor != NULL) {
    const float32x4_t factor = vdupq_n_f32(tile->row_factor[pixel]);
    UNROLL
    for (int i = 0; i < 4; i++) x.v[i] = vmulq_f32(x.v[i], factor);
    return x;
  }
  UNROLL
  for (int i = 0; i < 4; i++) x.v[i] = multiply_add(x.v[i], scales->multiplier[i], scales->bias[i]);
  if (residual != NULL) {
    const values r = floats_of(residual, 4);
    const float32x4_t gain = vdupq_n_f32(tile->residual_gain);
    UNROLL
    for (int i = 0; i < 4; i++) x.v[i] = vaddq_f32(x.v[i], vmulq_f32(r.v[i], gain));
  }
  return x;
}

INLINE output_scales scales_of(const drift_tile *tile) {
  output_scales s;
  UNROLL
  for (int i = 0; i < 4; i++) {
    const int has_scales = tile->row_factor == NULL;
    s.multiplier[i] = has_scales ? vld1q_f32(tile->multiplier + 4 * i) : vdupq_n_f32(0);
    s.bias[i] = has_scales ? vld1q_f32(tile->bias + 4 * i) : vdupq_n_f32(0);
  }
  return s;
}

/// All 16 columns.
INLINE void store_whole(const int32_t *sums, const drift_tile *tile, const drift_destination *out, const uint32_t type) {
  const bounds b = bounds_of(&out->quantizer);
  const output_scales scales = scales_of(tile);
  const int16_t *residual = tile->residual;
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    const values x = tile_values(sums, tile, pixel, &scales, residual);
    store_values(out, type, &b, pixel * out->stride, &x, 4);
    if (residual != NULL) residual += tile->residual_stride;
  }
}

/// Fewer columns: by way of 16 values on the stack, since neither residuals nor outputs beyond the columns may be touched.
INLINE void store_part(
    const int32_t *sums, const drift_tile *tile, const drift_destination *out, const uint32_t type, const size_t value_size) {
  const bounds b = bounds_of(&out->quantizer);
  const output_scales scales = scales_of(tile);
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    int16_t residual[DRIFT_BLOCK_OUTPUTS] = {0};
    float stored[DRIFT_BLOCK_OUTPUTS];
    const drift_destination local = {.base = stored, .type = type};
    const int has_residual = tile->residual != NULL;
    if (has_residual) memcpy(residual, tile->residual + pixel * tile->residual_stride, tile->columns * sizeof(int16_t));
    const values x = tile_values(sums, tile, pixel, &scales, has_residual ? residual : NULL);
    store_values(&local, type, &b, 0, &x, 4);
    memcpy((uint8_t *)out->base + pixel * out->stride * value_size, stored, tile->columns * value_size);
  }
}

static void store_sums(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++, sums += DRIFT_BLOCK_OUTPUTS) {
    int32_t *target = (int32_t *)out->base + pixel * out->stride;
    if (tile->columns == DRIFT_BLOCK_OUTPUTS) memcpy(target, sums, sizeof(int32_t) * DRIFT_BLOCK_OUTPUTS);
    else memcpy(target, sums, sizeof(int32_t) * tile->columns);
  }
}

void drift_store_tile_neon(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  const int is_whole = tile->columns == DRIFT_BLOCK_OUTPUTS;
  switch (out->type) {
    case DRIFT_STORE_INT8:
      if (is_whole) store_whole(sums, tile, out, DRIFT_STORE_INT8);
      else store_part(sums, tile, out, DRIFT_STORE_INT8, sizeof(int8_t));
      break;
    case DRIFT_STORE_INT16:
      if (is_whole) store_whole(sums, tile, out, DRIFT_STORE_INT16);
      else store_part(sums, tile, out, DRIFT_STORE_INT16, sizeof(int16_t));
      break;
    case DRIFT_STORE_FLOAT:
      if (is_whole) store_whole(sums, tile, out, DRIFT_STORE_FLOAT);
      else store_part(sums, tile, out, DRIFT_STORE_FLOAT, sizeof(float));
      break;
    default: store_sums(sums, tile, out); break;
  }
}

#endif
