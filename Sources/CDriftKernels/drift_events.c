#include "include/drift_events.h"

#define INLINE static inline __attribute__((always_inline))

const int32_t *drift_zero_offsets(void) {
  static const int32_t zeros[DRIFT_BLOCK_OUTPUTS];
  return zeros;
}

drift_event_totals drift_count_events(const drift_event_list *lists, uint32_t pixels) {
  drift_event_totals total = {0, 0, 0};
  for (uint32_t pixel = 0; pixel < pixels; pixel++) {
    total.events += lists[pixel].count;
    total.senders += lists[pixel].count != 0;
    total.unlisted |= lists[pixel].first == DRIFT_UNLISTED;
  }
  return total;
}

/// The runs of one output pixel whose first tap lies at (top, left).
INLINE uint32_t runs_of_pixel(const drift_synapses *s, int32_t top, int32_t left, drift_run *runs) {
  const int32_t height = (int32_t)s->height, width = (int32_t)s->width;
  const int32_t first_row = top < 0 ? -top : 0, first_column = left < 0 ? -left : 0;
  const int32_t rows_left = height - top, columns_left = width - left;
  const int32_t end_row = rows_left < (int32_t)s->kernel_height ? rows_left : (int32_t)s->kernel_height;
  const int32_t end_column = columns_left < (int32_t)s->kernel_width ? columns_left : (int32_t)s->kernel_width;
  uint32_t count = 0;
  for (int32_t i = first_row; i < end_row; i++) {
    const drift_event_list *line = s->lists + (size_t)((uint32_t)(top + i) >> s->shift) * (s->width >> s->shift);
    const int8_t *rows = s->rows + ((size_t)i * s->kernel_width + (uint32_t)first_column) * s->tap_bytes;
    for (int32_t j = first_column; j < end_column; j++, rows += s->tap_bytes) {
      const drift_event_list list = line[(uint32_t)(left + j) >> s->shift];
      if (list.count == 0) continue;
      runs[count++] = (drift_run){s->events + list.first, rows, list.count, list.magnitude};
    }
  }
  return count;
}

/// Whether taps lie as `integrate_row` expects them.
INLINE uint32_t has_rows(const drift_synapses *s) {
  return s->kernel_height == 3 && s->kernel_width == 3 && s->stride == 1 && s->pad_top == 1 && s->pad_left == 1 && s->shift == 0
      && s->output_width == s->width;
}

/// Fills in the row of output pixels `y`. Returns 0 if its sums would not fit 16 bits.
INLINE uint32_t prepare_row(const drift_synapses *s, uint32_t y, drift_event_row *row) {
  for (uint32_t i = 0; i < 3; i++) {
    const uint32_t inside = y + i >= 1 && y + i - 1 < s->height;
    row->lists[i] = inside ? s->lists + (size_t)(y + i - 1) * s->width : NULL;
  }
  uint32_t before = 0, last = 0;
  for (uint32_t x = 0; x < s->width; x++) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < 3; i++) sum += row->lists[i] != NULL ? row->lists[i][x].magnitude : 0;
    if (before + last + sum > DRIFT_SHORT_SUM) return 0;
    before = last;
    last = sum;
  }
  row->membranes = s->membranes + (size_t)y * s->width * DRIFT_BLOCK_OUTPUTS;
  return 1;
}

void drift_gather_events(const drift_synapses *synapses, const drift_kernel_set *set, uint32_t first, uint32_t count) {
  const drift_synapses s = *synapses;
  uint32_t y = first / s.output_width, x = first - y * s.output_width;
  int32_t *membrane = s.membranes + (size_t)first * DRIFT_BLOCK_OUTPUTS;
  const uint32_t by_rows = set->integrate_row != NULL && has_rows(&s);
  drift_event_row row = {
      .events = s.events, .weights = s.rows, .tap_bytes = s.tap_bytes, .row_bytes = s.row_bytes, .width = s.width, .blocks = s.blocks,
      .membranes = membrane, .block_stride = s.block_stride};
  for (uint32_t pixel = 0; pixel < count; pixel++, membrane += DRIFT_BLOCK_OUTPUTS) {
    if (by_rows && x == 0 && count - pixel >= s.width && prepare_row(&s, y, &row)) {
      set->integrate_row(&row);
      y++;
      pixel += s.width - 1;
      membrane += (size_t)(s.width - 1) * DRIFT_BLOCK_OUTPUTS;
      continue;
    }
    const int32_t top = (int32_t)(y * s.stride) - s.pad_top, left = (int32_t)(x * s.stride) - s.pad_left;
    const uint32_t runs = runs_of_pixel(&s, top, left, s.runs);
    if (runs != 0) set->integrate(s.runs, runs, s.blocks, s.row_bytes, membrane, s.block_stride);
    if (++x == s.output_width) x = 0, y++;
  }
}

/// The output position whose tap number `tap` reads position `at`, or -1 if there is none.
INLINE int32_t output_of(int32_t at, int32_t tap, int32_t pad, int32_t stride, int32_t outputs) {
  const int32_t scaled = at + pad - tap;
  if (scaled < 0 || scaled % stride != 0) return -1;
  return scaled / stride < outputs ? scaled / stride : -1;
}

/// One pixel of the tracer is read at 1 position, or at 4 if it is enlarged.
INLINE void scatter_pixel(
    const drift_synapses *s, const drift_kernel_set *set, drift_run run, int32_t row, int32_t column, uint32_t first, uint32_t count) {
  const int32_t stride = (int32_t)s->stride;
  for (int32_t i = 0; i < (int32_t)s->kernel_height; i++) {
    const int32_t y = output_of(row, i, s->pad_top, stride, (int32_t)s->output_height);
    if (y < 0) continue;
    for (int32_t j = 0; j < (int32_t)s->kernel_width; j++) {
      const int32_t x = output_of(column, j, s->pad_left, stride, (int32_t)s->output_width);
      if (x < 0) continue;
      const uint32_t pixel = (uint32_t)y * s->output_width + (uint32_t)x;
      if (pixel - first >= count) continue;
      run.rows = s->rows + ((size_t)i * s->kernel_width + (uint32_t)j) * s->tap_bytes;
      set->integrate(&run, 1, s->blocks, s->row_bytes, s->membranes + (size_t)pixel * DRIFT_BLOCK_OUTPUTS, s->block_stride);
    }
  }
}

void drift_scatter_events(const drift_synapses *synapses, const drift_kernel_set *set, uint32_t first, uint32_t count) {
  const drift_synapses s = *synapses;
  const drift_event_list *list = s.lists;
  for (uint32_t row = 0; row < s.height; row += 1u << s.shift) {
    for (uint32_t column = 0; column < s.width; column += 1u << s.shift, list++) {
      if (list->count == 0) continue;
      const drift_run run = {s.events + list->first, s.rows, list->count, list->magnitude};
      for (uint32_t i = 0; i < 1u << s.shift; i++) {
        for (uint32_t j = 0; j < 1u << s.shift; j++) {
          scatter_pixel(&s, set, run, (int32_t)(row + i), (int32_t)(column + j), first, count);
        }
      }
    }
  }
}

uint64_t drift_synaptic_operations(const drift_synapses *synapses, uint32_t outputs) {
  const drift_synapses s = *synapses;
  uint64_t total = 0;
  for (uint32_t y = 0; y < s.output_height; y++) {
    for (uint32_t x = 0; x < s.output_width; x++) {
      const int32_t top = (int32_t)(y * s.stride) - s.pad_top, left = (int32_t)(x * s.stride) - s.pad_left;
      const uint32_t runs = runs_of_pixel(&s, top, left, s.runs);
      for (uint32_t r = 0; r < runs; r++) total += s.runs[r].count;
    }
  }
  return total * outputs;
}
