// NEON kernels that the sets of later ARM extensions take over.
#ifndef DRIFT_NEON_H
#define DRIFT_NEON_H

#include "include/drift_kernels.h"

void drift_store_tile_neon(const int32_t *sums, const drift_tile *tile, const drift_destination *out);
void drift_channel_sums_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, int64_t *sum, int64_t *square_sum);
void drift_transform_neon(
    const int16_t *x, size_t stride, uint32_t pixels, uint32_t channels, const drift_transform *t,
    const drift_destination *out);
void drift_rescale_neon(
    const int16_t *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out);
void drift_quantize_neon(
    const float *x, size_t stride, uint32_t rows, uint32_t columns, float factor, const drift_destination *out);
void drift_add_neon(const int16_t *a, const int16_t *b, size_t count, float factor_a, float factor_b, int16_t *out);
void drift_average_rows_neon(
    const int16_t *top, const int16_t *bottom, uint32_t width, size_t stride, float factor, int16_t *out);
void drift_store_attention_neon(
    const int32_t *sums, uint32_t rows, uint32_t columns, const int32_t *column_sums, const float *factors,
    const drift_destination *out);

/// Initializers of all members of a kernel set but its name and its matrix product.
#define DRIFT_NEON_ELEMENTWISE \
  .store_tile = drift_store_tile_neon, \
  .channel_sums = drift_channel_sums_neon, \
  .transform = drift_transform_neon, \
  .rescale = drift_rescale_neon, \
  .quantize = drift_quantize_neon, \
  .add = drift_add_neon, \
  .average_rows = drift_average_rows_neon, \
  .store_attention = drift_store_attention_neon, \
  .pack_keys = drift_scalar_pack_keys, \
  .pack_values = drift_scalar_pack_values, \
  .exponentiate = drift_scalar_exponentiate

#endif
