// Kernels that treat values one by one, and the statistics of a normalization.
#include "check.h"

static const uint32_t types[] = {DRIFT_STORE_INT8, DRIFT_STORE_INT16, DRIFT_STORE_PAIR};

static size_t value_bytes(uint32_t type) { return type == DRIFT_STORE_INT16 ? 2 : 1; }

/// Destinations for reference and test of `rows` rows of `columns` values, `stride` apart.
typedef struct outputs {
  drift_destination expected, found;
  size_t bytes;
} outputs;

static outputs make_outputs(check *c, uint32_t rows, uint32_t columns, size_t stride, uint32_t type, int32_t zero_point) {
  outputs o = {.bytes = ((rows - 1) * stride + columns) * value_bytes(type)};
  const float zero = (float)zero_point;
  drift_quantizer quantizer = {-128 - zero, 127 - zero, zero_point};
  if (type == DRIFT_STORE_INT16) {
    // The bounds of every tensor, and some of none.
    quantizer = columns % 3 == 0 ? (drift_quantizer){-999, 1999, 5} : (drift_quantizer){-32767, 32767, 0};
  }
  if (type == DRIFT_STORE_PAIR) quantizer = (drift_quantizer){-32639, 32639, 0};
  o.expected = (drift_destination){
      .base = guarded_tail(&c->expected[0], o.bytes), .low = guarded_tail(&c->expected[1], o.bytes), .stride = stride,
      .type = type, .quantizer = quantizer};
  o.found = o.expected;
  o.found.base = guarded_tail(&c->found[0], o.bytes);
  o.found.low = guarded_tail(&c->found[1], o.bytes);
  memset(o.expected.base, 0x55, o.bytes), memset(o.found.base, 0x55, o.bytes);
  memset(o.expected.low, 0x55, o.bytes), memset(o.found.low, 0x55, o.bytes);
  return o;
}

static void compare_outputs(
    check *c, outputs *o, const char *kernel, uint32_t rows, uint32_t columns, uint32_t type, int32_t detail) {
  if (type != DRIFT_STORE_INT16) {
    for (uint32_t row = 0; row < rows; row++) {
      remove_bias(c->tested, (int8_t *)o->found.base + row * o->found.stride, columns);
      if (type == DRIFT_STORE_PAIR) remove_bias(c->tested, o->found.low + row * o->found.stride, columns);
    }
  }
  compare(
      c, o->expected.base, o->found.base, o->bytes, "%s: rows %u, columns %u, type %u, variant %d", kernel, rows, columns, type,
      detail);
  compare(
      c, o->expected.low, o->found.low, o->bytes, "%s, low plane: rows %u, columns %u, type %u, variant %d", kernel, rows, columns,
      type, detail);
}

/// A limit and a polynomial of values about 1.
static void fill_bump(check *c, float *bump, int pattern) {
  bump[0] = pattern == 0 ? 1.0f : 8.0f;
  for (int i = 1; i < 6; i++) bump[i] = (float)random_between(c, -1000, 1000) * (pattern == 0 ? 0x1p-10f : 0x1p-17f);
  bump[1] = 0.9f;
}

static void check_transform(check *c, uint32_t pixels, uint32_t channels, uint32_t type, uint32_t activation, int pattern) {
  const size_t stride = channels + 1, count = (pixels - 1) * stride + channels;
  int16_t *x = guarded_tail(&c->inputs[0], count * 2);
  float *scale = guarded_tail(&c->inputs[1], channels * 4), *shift = guarded_tail(&c->inputs[2], channels * 4);
  const uint32_t entries = activation == 3 ? 8 : 2048;
  float *table = guarded_tail(&c->inputs[3], entries * 4);
  fill_int16(c, x, count, pattern == 0 ? -60 : -32767, pattern == 0 ? 60 : 32767);
  for (uint32_t i = 0; i < channels; i++) {
    // Pattern 0 falls on halves of output and of table entries; pattern 1 is typical; pattern 2 runs out of every bound.
    scale[i] = pattern == 0 ? 0.25f : (float)random_between(c, -1000, 1000) * (pattern == 1 ? 0x1p-22f : 64.0f);
    shift[i] = pattern == 0 ? 0x1p-8f : (float)random_between(c, -1000, 1000) * (pattern == 1 ? 0x1p-9f : 1000.0f);
  }
  for (uint32_t i = 0; i < entries; i++) table[i] = (float)random_between(c, 0, 1 << 20) * 0x1p-21f;
  if (activation == 3) fill_bump(c, table, pattern);
  const drift_transform transform = {
      .scale = scale, .shift = shift, .table = table, .activation = activation, .inverse = pattern == 0 ? 2.0f : 37.5f};
  outputs o = make_outputs(c, pixels, channels, stride + 2, type, pattern == 1 ? -100 : 3);
  c->reference->transform(x, stride, pixels, channels, &transform, &o.expected);
  c->tested->transform(x, stride, pixels, channels, &transform, &o.found);
  compare_outputs(c, &o, "transform", pixels, channels, type, (int32_t)activation * 10 + pattern);
}

static void check_rescale(check *c, uint32_t rows, uint32_t columns, uint32_t type, float factor) {
  const size_t stride = columns + 3, count = (rows - 1) * stride + columns;
  int16_t *x = guarded_tail(&c->inputs[0], count * 2);
  fill_int16(c, x, count, -32767, 32767);
  outputs o = make_outputs(c, rows, columns, stride, type, -7);
  c->reference->rescale(x, stride, rows, columns, factor, &o.expected);
  c->tested->rescale(x, stride, rows, columns, factor, &o.found);
  compare_outputs(c, &o, "rescale", rows, columns, type, (int32_t)(factor * 1000));
}

static void check_quantize(check *c, uint32_t rows, uint32_t columns, uint32_t type, float factor) {
  const float zero = 0.0f;
  const float odd_values[] = {1.0f / zero, -1.0f / zero, 0.0f * (1.0f / zero), 3e38f, -3e38f, 1e-40f, -0.0f, 2.5f};
  const size_t stride = columns + 1, count = (rows - 1) * stride + columns;
  float *x = guarded_tail(&c->inputs[0], count * 4);
  for (size_t i = 0; i < count; i++) x[i] = (float)random_between(c, -4000, 4000) * 0x1p-3f;
  for (size_t i = 0; i < count; i += 5) x[i] = odd_values[next_random(c) % 8];
  outputs o = make_outputs(c, rows, columns, stride, type, 100);
  c->reference->quantize(x, stride, rows, columns, factor, &o.expected);
  c->tested->quantize(x, stride, rows, columns, factor, &o.found);
  compare_outputs(c, &o, "quantize", rows, columns, type, (int32_t)(factor * 1000));
}

static void check_add(check *c, size_t count, float factor_a, float factor_b) {
  int16_t *a = guarded_tail(&c->inputs[0], count * 2), *b = guarded_tail(&c->inputs[1], count * 2);
  fill_int16(c, a, count, -32767, 32767), fill_int16(c, b, count, -32767, 32767);
  int16_t *expected = guarded_tail(&c->expected[0], count * 2), *found = guarded_tail(&c->found[0], count * 2);
  c->reference->add(a, b, count, factor_a, factor_b, expected);
  c->tested->add(a, b, count, factor_a, factor_b, found);
  compare(c, expected, found, count * 2, "add: count %u", (unsigned)count);
}

static void check_average(check *c, uint32_t width, size_t stride, float factor) {
  const size_t count = 2 * width * stride;
  int16_t *top = guarded_tail(&c->inputs[0], count * 2), *bottom = guarded_tail(&c->inputs[1], count * 2);
  fill_int16(c, top, count, -32767, 32767), fill_int16(c, bottom, count, -32767, 32767);
  const size_t bytes = width * stride * 2;
  int16_t *expected = guarded_tail(&c->expected[0], bytes), *found = guarded_tail(&c->found[0], bytes);
  c->reference->average_rows(top, bottom, width, stride, factor, expected);
  c->tested->average_rows(top, bottom, width, stride, factor, found);
  compare(c, expected, found, bytes, "average_rows: width %u, stride %u", width, (unsigned)stride);
}

void check_elementwise(check *c) {
  for (uint32_t rows = 1; rows <= 3; rows++) {
    for (uint32_t columns = 1; columns <= 40; columns++) {
      for (int t = 0; t < 3; t++) {
        for (int variant = 0; variant < 12; variant++) {
          check_transform(c, rows, columns, types[t], (uint32_t)variant / 3, variant % 3);
        }
        check_rescale(c, rows, columns, types[t], 0.5f);
        check_rescale(c, rows, columns, types[t], 0.00391f);
        check_rescale(c, rows, columns, types[t], 7.25f);
        check_quantize(c, rows, columns, types[t], 0.5f);
        check_quantize(c, rows, columns, types[t], 117.3f);
      }
    }
  }
  for (size_t count = 1; count <= 70; count++) {
    check_add(c, count, 0.5f, 0.25f);
    check_add(c, count, 0.9f, 1.7f);
  }
  for (uint32_t width = 1; width <= 3; width++) {
    for (size_t stride = 1; stride <= 40; stride++) {
      check_average(c, width, stride, 0.25f);
      check_average(c, width, stride, 0.3f);
    }
  }
}

static void check_sums(check *c, uint32_t pixels, uint32_t channels, int32_t low, int32_t high) {
  const size_t stride = channels + 1, count = (pixels - 1) * stride + channels;
  int16_t *x = guarded_tail(&c->inputs[0], count * 2);
  fill_int16(c, x, count, low, high);
  int64_t *outputs[4] = {
      guarded_tail(&c->expected[0], channels * 8), guarded_tail(&c->expected[1], channels * 8),
      guarded_tail(&c->found[0], channels * 8), guarded_tail(&c->found[1], channels * 8)};
  for (int i = 0; i < 4; i++) {
    for (uint32_t k = 0; k < channels; k++) outputs[i][k] = (int64_t)k << 33;  // sums are added to
  }
  c->reference->channel_sums(x, stride, pixels, channels, outputs[0], outputs[1]);
  c->tested->channel_sums(x, stride, pixels, channels, outputs[2], outputs[3]);
  compare(c, outputs[0], outputs[2], channels * 8, "channel_sums: pixels %u, channels %u", pixels, channels);
  compare(c, outputs[1], outputs[3], channels * 8, "channel_sums, squares: pixels %u, channels %u", pixels, channels);
}

void check_statistics(check *c) {
  for (uint32_t channels = 1; channels <= 40; channels++) {
    for (uint32_t pixels = 1; pixels <= 9; pixels++) check_sums(c, pixels, channels, -32767, 32767);
    check_sums(c, 64, channels, -32767, 32767);
    check_sums(c, 7, channels, 32767, 32767);
    check_sums(c, 8, channels, -32767, -32767);
  }
  check_sums(c, 65536, 25, 32767, 32767);
  check_sums(c, 65536, 25, -32767, -32767);
}
