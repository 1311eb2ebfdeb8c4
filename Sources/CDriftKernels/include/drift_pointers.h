// Pointers to the rows of a convolution's tiles.
#ifndef DRIFT_POINTERS_H
#define DRIFT_POINTERS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// How a convolution's taps lie over its input.
typedef struct drift_window {
  const int8_t *base;        // the input; of a pair, its high plane
  const int8_t *zero_pixel;  // stands for every tap outside of the image
  size_t pixel_bytes, row_bytes;
  size_t plane_bytes;        // from the high to the low plane of a pair
  uint32_t pair;             // 1: two rows a pixel
  uint32_t kernel_height, kernel_width, stride;
  int32_t pad_top, pad_left;
  uint32_t shift;            // 1: the input is read as if it were twice as large
  uint32_t height, width;    // of the input, as large as it is read
  uint32_t output_width;
  uint32_t tile_rows;        // even
} drift_window;

/// table[tile][tap][row]: what output pixels `first` ..< first + count read, taps row by row. Rows of the last tile beyond them repeat
/// the last pixel.
void drift_point_pixels(const drift_window *window, uint32_t first, uint32_t count, const int8_t *_Nonnull *_Nonnull table);

#pragma clang assume_nonnull end

#endif
