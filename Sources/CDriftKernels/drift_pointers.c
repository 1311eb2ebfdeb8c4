#include "include/drift_pointers.h"

#define INLINE static inline __attribute__((always_inline))

/// Writes `rows` times the same pointer, or a pair of planes.
INLINE void put(const int8_t **slot, const int8_t *pointer, const int8_t *low) {
  slot[0] = pointer;
  if (low) slot[1] = low;
}

/// What is known when the code is compiled, where that pays; 0 for an extent that is not.
typedef struct fixed {
  uint32_t rows, pair, kernel;
} fixed;

/// The taps of one output pixel whose first tap lies at (top, left).
INLINE void point_pixel(const drift_window *w, const int8_t **slot, int32_t top, int32_t left, const fixed known) {
  const uint32_t rows = known.rows, pair = known.pair;
  const int32_t kernel_width = known.kernel ? (int32_t)known.kernel : (int32_t)w->kernel_width;
  const int32_t kernel_height = known.kernel ? (int32_t)known.kernel : (int32_t)w->kernel_height;
  const int8_t *origin = w->base + (ptrdiff_t)top * (ptrdiff_t)w->row_bytes + (ptrdiff_t)left * (ptrdiff_t)w->pixel_bytes;
  if (w->shift == 0 && top >= 0 && left >= 0 && top + kernel_height <= (int32_t)w->height &&
      left + kernel_width <= (int32_t)w->width) {
    for (int32_t i = 0; i < kernel_height; i++, origin += w->row_bytes) {
      for (int32_t j = 0; j < kernel_width; j++, slot += rows) {
        const int8_t *pixel = origin + (size_t)j * w->pixel_bytes;
        put(slot, pixel, pair ? pixel + w->plane_bytes : NULL);
      }
    }
    return;
  }
  for (int32_t i = 0; i < kernel_height; i++, slot += (size_t)kernel_width * rows) {
    const int32_t y = top + i;
    const int8_t **out = slot;
    if (y < 0 || y >= (int32_t)w->height) {
      for (int32_t j = 0; j < kernel_width; j++, out += rows) put(out, w->zero_pixel, pair ? w->zero_pixel : NULL);
      continue;
    }
    const int8_t *line = w->base + (size_t)(y >> w->shift) * w->row_bytes;
    for (int32_t j = 0; j < kernel_width; j++, out += rows) {
      const int32_t x = left + j;
      const uint32_t inside = x >= 0 && x < (int32_t)w->width;
      const int8_t *pixel = line + (size_t)((inside ? x : 0) >> w->shift) * w->pixel_bytes;
      put(out, inside ? pixel : w->zero_pixel, !pair ? NULL : inside ? pixel + w->plane_bytes : w->zero_pixel);
    }
  }
}

INLINE void point_pixels(
    const drift_window *window, uint32_t first, uint32_t count, const int8_t **table, const fixed known) {
  // A copy of its own: stores of pointers might otherwise change it.
  const drift_window w = *window;
  const uint32_t pixels = known.rows >> known.pair;
  const size_t tile_pointers = (size_t)w.kernel_height * w.kernel_width * known.rows;
  uint32_t y = first / w.output_width, x = first - y * w.output_width;
  for (uint32_t done = 0; done < count; done += pixels, table += tile_pointers) {
    for (uint32_t pixel = 0; pixel < pixels; pixel++) {
      const int32_t top = (int32_t)(y * w.stride) - w.pad_top, left = (int32_t)(x * w.stride) - w.pad_left;
      point_pixel(&w, table + (pixel << known.pair), top, left, known);
      if (done + pixel + 1 >= count) continue;
      if (++x == w.output_width) x = 0, y++;
    }
  }
}

void drift_point_pixels(const drift_window *window, uint32_t first, uint32_t count, const int8_t **table) {
  const uint32_t rows = window->tile_rows;
  const uint32_t kernel = window->kernel_height == window->kernel_width ? window->kernel_width : 0;
  if (!window->pair && kernel == 3 && rows == 2) point_pixels(window, first, count, table, (fixed){2, 0, 3});
  else if (!window->pair && kernel == 3 && rows == 6) point_pixels(window, first, count, table, (fixed){6, 0, 3});
  else if (!window->pair && kernel == 1) point_pixels(window, first, count, table, (fixed){rows, 0, 1});
  else point_pixels(window, first, count, table, (fixed){rows, window->pair, 0});
}
