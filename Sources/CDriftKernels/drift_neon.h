// NEON kernels that the sets of later ARM extensions take over.
#ifndef DRIFT_NEON_H
#define DRIFT_NEON_H

#include "include/drift_kernels.h"

/// sums[r][o] = offset[o] + the product, for `row_count` rows (or one more) and 16 outputs. `rows` has 8 pointers a tap.
void drift_tile_sums_8x16_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums);

/// The same for at most 4 outputs.
void drift_tile_sums_8x4_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums);

#if defined(__aarch64__)
/// The same for 6 rows, to which `rows` has 6 pointers a tap.
void drift_tile_sums_6x16_dotprod(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums);
void drift_tile_sums_6x16_i8mm(const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, int32_t *sums);
/// The same for at most 4 rows or at most 4 outputs.
void drift_tile_sums_few_dotprod(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, uint32_t row_count, int32_t *sums);
#endif

/// Depthwise convolutions for sets whose tiles have 6 or 8 rows.
void drift_depthwise_6_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out);
void drift_depthwise_8_neon(
    const int8_t *const *rows, const int8_t *weights, const drift_tile *tile, const drift_destination *out);

/// Requantizes and stores sums[row][16], offsets included; of a pair, rows 2i and 2i + 1 are the planes of pixel i.
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
void drift_pack_keys_neon(
    const int8_t *keys, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *row_sums);
void drift_pack_values_neon(
    const int8_t *values, size_t stride, uint32_t tokens, uint32_t depth, int8_t *packed, int32_t *column_sums);
int32_t drift_exponentiate_neon(
    const int32_t *logits, uint32_t tokens, float factor, const uint8_t *table, int8_t *probabilities);

void drift_send_neon(drift_sender *sender);
void drift_integrate_neon(
    const drift_run *runs, uint32_t count, uint32_t blocks, size_t row_bytes, int32_t *membrane, size_t block_stride);

void drift_integrate_row_neon(const drift_event_row *row);

/// Initializers of all members of a kernel set but its name, the rows of its tile and its matrix product.
#define DRIFT_NEON_ELEMENTWISE \
  .tile_blocks = 1, \
  .operand_bias = 0, \
  .channel_sums = drift_channel_sums_neon, \
  .transform = drift_transform_neon, \
  .rescale = drift_rescale_neon, \
  .quantize = drift_quantize_neon, \
  .add = drift_add_neon, \
  .average_rows = drift_average_rows_neon, \
  .pack_keys = drift_pack_keys_neon, \
  .pack_values = drift_pack_values_neon, \
  .exponentiate = drift_exponentiate_neon, \
  .send = drift_send_neon, \
  .integrate = drift_integrate_neon, \
  .integrate_row = drift_integrate_row_neon, \
  .settle = drift_store_tile_neon

#endif
