#include "include/drift_pointers.h"

#define INLINE static inline __attribute__((always_inline))

/// What is known when the code is compiled, where that pays; a kernel of 0 is not.
typedef struct fixed {
  uint32_t rows, pair, kernel, shift;
} fixed;

/// A pointer, or one to each plane of a pair.
INLINE void put(const drift_window *w, const int8_t **slot, const int8_t *pointer, uint32_t inside, const uint32_t pair) {
  slot[0] = inside ? pointer : w->zero_pixel;
  if (pair) slot[1] = inside ? pointer + w->plane_bytes : w->zero_pixel;
}

/// The taps of one output pixel whose first tap lies at (top, left).
INLINE void point_pixel(const drift_window *w, const int8_t **slot, int32_t top, int32_t left, const fixed known) {
  const int32_t kernel_width = known.kernel ? (int32_t)known.kernel : (int32_t)w->kernel_width;
  const int32_t kernel_height = known.kernel ? (int32_t)known.kernel : (int32_t)w->kernel_height;
  const int32_t height = (int32_t)w->height, width = (int32_t)w->width;
  const uint32_t columns_inside = left >= 0 && left + kernel_width <= width;
  if (columns_inside && top >= 0 && top + kernel_height <= height) {
    const int8_t *first = w->base + (size_t)(top >> known.shift) * w->row_bytes + (size_t)(left >> known.shift) * w->pixel_bytes;
    // Of an enlarged input every second step stays on the same pixel.
    const int32_t odd_top = top & 1, odd_left = left & 1;
    for (int32_t i = 0; i < kernel_height; i++) {
      const int8_t *pixel = first;
      for (int32_t j = 0; j < kernel_width; j++, slot += known.rows) {
        put(w, slot, pixel, 1, known.pair);
        if (!known.shift || ((j + odd_left) & 1)) pixel += w->pixel_bytes;
      }
      if (!known.shift || ((i + odd_top) & 1)) first += w->row_bytes;
    }
    return;
  }
  for (int32_t i = 0; i < kernel_height; i++) {
    const uint32_t row_inside = top + i >= 0 && top + i < height;
    const int8_t *line = w->base + (size_t)((row_inside ? top + i : 0) >> known.shift) * w->row_bytes;
    for (int32_t j = 0; j < kernel_width; j++, slot += known.rows) {
      const uint32_t inside = row_inside && left + j >= 0 && left + j < width;
      put(w, slot, line + (size_t)((inside ? left + j : 0) >> known.shift) * w->pixel_bytes, inside, known.pair);
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

/// Kernels of 3 x 3 over int8 and of 1 x 1, which nearly all convolutions have, get code of their own.
void drift_point_pixels(const drift_window *window, uint32_t first, uint32_t count, const int8_t **table) {
  const uint32_t rows = window->tile_rows, pair = window->pair;
  const uint32_t kernel = window->kernel_height == window->kernel_width ? window->kernel_width : 0;
  if (window->shift) point_pixels(window, first, count, table, (fixed){rows, pair, 0, 1});
  else if (kernel == 3 && !pair && rows == 6) point_pixels(window, first, count, table, (fixed){6, 0, 3, 0});
  else if (kernel == 3 && !pair) point_pixels(window, first, count, table, (fixed){rows, 0, 3, 0});
  else if (kernel == 1) point_pixels(window, first, count, table, (fixed){rows, pair, 1, 0});
  else point_pixels(window, first, count, table, (fixed){rows, pair, 0, 0});
}
