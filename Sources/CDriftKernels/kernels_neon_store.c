// What becomes of the sums of a tile, for every ARM set: one pixel's 16 outputs at a time, in registers.
#if defined(__aarch64__) || (defined(__arm__) && defined(__ARM_NEON))

#include "drift_neon.h"
#include "drift_neon_store.h"

/// How sums become values, known where the code is compiled for the frequent cases.
enum { PLAIN, WITH_RESIDUAL, OTHER };

/// Multipliers and biases of 16 outputs.
typedef struct output_scales {
  float32x4_t multiplier[4], bias[4];
} output_scales;

INLINE output_scales scales_of(const drift_tile *tile, const int may_lack) {
  output_scales s;
  const int has_scales = !may_lack || tile->row_factor == NULL;
  UNROLL
  for (int i = 0; i < 4; i++) {
    s.multiplier[i] = has_scales ? vld1q_f32(tile->multiplier + 4 * i) : vdupq_n_f32(0);
    s.bias[i] = has_scales ? vld1q_f32(tile->bias + 4 * i) : vdupq_n_f32(0);
  }
  return s;
}

INLINE values floats_of_sums(const int32_t *sums) {
  values x;
  UNROLL
  for (int i = 0; i < 4; i++) x.v[i] = vcvtq_f32_s32(vld1q_s32(sums + 4 * i));
  return x;
}

INLINE void scale_and_bias(values *x, const output_scales *scales) {
  UNROLL
  for (int i = 0; i < 4; i++) x->v[i] = multiply_add(x->v[i], scales->multiplier[i], scales->bias[i]);
}

INLINE void add_residual(values *x, const int16_t *residual, float gain) {
  const values r = floats_of(residual, 4);
  UNROLL
  for (int i = 0; i < 4; i++) x->v[i] = vaddq_f32(x->v[i], vmulq_n_f32(r.v[i], gain));
}

/// Any tile: drift_tile_value for 16 outputs. residual: the pixel's 16 values, or NULL.
INLINE values any_values(
    const int32_t *sums, const drift_tile *tile, uint32_t pixel, const output_scales *scales, const int16_t *residual) {
  values x;
  if (tile->pair) {
    x = floats_of_sums(sums + 2 * DRIFT_BLOCK_OUTPUTS * (size_t)pixel);
    const values low = floats_of_sums(sums + (2 * (size_t)pixel + 1) * DRIFT_BLOCK_OUTPUTS);
    UNROLL
    for (int i = 0; i < 4; i++) x.v[i] = vaddq_f32(vmulq_n_f32(x.v[i], 256.0f), low.v[i]);
  } else {
    x = floats_of_sums(sums + DRIFT_BLOCK_OUTPUTS * (size_t)pixel);
  }
  if (tile->row_factor != NULL) {
    UNROLL
    for (int i = 0; i < 4; i++) x.v[i] = vmulq_n_f32(x.v[i], tile->row_factor[pixel]);
    return x;
  }
  scale_and_bias(&x, scales);
  if (residual != NULL) add_residual(&x, residual, tile->residual_gain);
  return x;
}

/// All 16 columns.
INLINE void store_whole(
    const int32_t *sums, const drift_tile *tile, const drift_destination *out, const uint32_t type, const int values_kind) {
  const bounds b = bounds_of(&out->quantizer);
  const output_scales scales = scales_of(tile, values_kind == OTHER);
  const drift_destination target = *out;
  const int16_t *residual = tile->residual;
  const size_t residual_stride = tile->residual_stride;
  const float residual_gain = tile->residual_gain;
  size_t index = 0;
  const uint32_t pixels = tile->pixels;
  for (uint32_t pixel = 0; pixel < pixels; pixel++, index += target.stride) {
    values x;
    if (values_kind == OTHER) {
      x = any_values(sums, tile, pixel, &scales, residual);
    } else {
      x = floats_of_sums(sums + DRIFT_BLOCK_OUTPUTS * (size_t)pixel);
      scale_and_bias(&x, &scales);
      if (values_kind == WITH_RESIDUAL) add_residual(&x, residual, residual_gain);
    }
    store_values(&target, type, &b, index, &x, 4);
    if (values_kind != PLAIN && residual != NULL) residual += residual_stride;
  }
}

/// Fewer columns: by way of 16 values on the stack, since neither residuals nor outputs beyond the columns may be touched.
static void store_part(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  const bounds b = bounds_of(&out->quantizer);
  const output_scales scales = scales_of(tile, 1);
  const size_t value_size = out->type == DRIFT_STORE_FLOAT ? 4 : out->type == DRIFT_STORE_INT16 ? 2 : 1;
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++) {
    int16_t residual[DRIFT_BLOCK_OUTPUTS] = {0};
    float stored[DRIFT_BLOCK_OUTPUTS];
    const drift_destination local = {.base = stored, .type = out->type};
    const int has_residual = tile->residual != NULL;
    if (has_residual) memcpy(residual, tile->residual + pixel * tile->residual_stride, tile->columns * sizeof(int16_t));
    const values x = any_values(sums, tile, pixel, &scales, has_residual ? residual : NULL);
    store_values(&local, out->type, &b, 0, &x, 4);
    memcpy((uint8_t *)out->base + pixel * out->stride * value_size, stored, tile->columns * value_size);
  }
}

static void store_sums(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  for (uint32_t pixel = 0; pixel < tile->pixels; pixel++, sums += DRIFT_BLOCK_OUTPUTS) {
    int32_t *target = (int32_t *)out->base + pixel * out->stride;
    if (tile->columns < DRIFT_BLOCK_OUTPUTS) {
      memcpy(target, sums, sizeof(int32_t) * tile->columns);
      continue;
    }
    UNROLL
    for (int i = 0; i < DRIFT_BLOCK_OUTPUTS; i += 4) vst1q_s32(target + i, vld1q_s32(sums + i));
  }
}

/// Whole tiles whose values are anything but a product with multipliers, and parts of tiles.
static __attribute__((noinline)) void store_rare(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  if (out->type == DRIFT_STORE_SUMS) store_sums(sums, tile, out);
  else if (tile->columns < DRIFT_BLOCK_OUTPUTS) store_part(sums, tile, out);
  else if (out->type == DRIFT_STORE_INT8) store_whole(sums, tile, out, DRIFT_STORE_INT8, OTHER);
  else if (out->type == DRIFT_STORE_INT16) store_whole(sums, tile, out, DRIFT_STORE_INT16, OTHER);
  else store_whole(sums, tile, out, DRIFT_STORE_FLOAT, OTHER);
}

void drift_store_tile_neon(const int32_t *sums, const drift_tile *tile, const drift_destination *out) {
  const int is_frequent = tile->columns == DRIFT_BLOCK_OUTPUTS && tile->row_factor == NULL && tile->pair == 0;
  if (is_frequent && is_whole_int16(out)) {
    if (tile->residual != NULL) store_whole(sums, tile, out, STORE_WHOLE_INT16, WITH_RESIDUAL);
    else store_whole(sums, tile, out, STORE_WHOLE_INT16, PLAIN);
  } else if (is_frequent && out->type == DRIFT_STORE_INT8) {
    if (tile->residual != NULL) store_whole(sums, tile, out, DRIFT_STORE_INT8, WITH_RESIDUAL);
    else store_whole(sums, tile, out, DRIFT_STORE_INT8, PLAIN);
  } else {
    store_rare(sums, tile, out);
  }
}

#endif
