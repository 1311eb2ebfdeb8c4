#include "include/drift_pointers.h"

static inline __attribute__((always_inline)) void point_rows(
    const int8_t **table, const int8_t *const *origins, const ptrdiff_t *offsets, uint32_t taps, const uint32_t rows) {
  const int8_t *origin[8];
  for (uint32_t r = 0; r < rows; r++) origin[r] = origins[r];
  for (uint32_t t = 0; t < taps; t++, table += rows) {
    const ptrdiff_t offset = offsets[t];
    for (uint32_t r = 0; r < rows; r++) table[r] = origin[r] + offset;
  }
}

void drift_point_rows(
    const int8_t **table, const int8_t *const *origins, const ptrdiff_t *offsets, uint32_t taps, uint32_t rows) {
  switch (rows) {
    case 2: point_rows(table, origins, offsets, taps, 2); break;
    case 4: point_rows(table, origins, offsets, taps, 4); break;
    case 6: point_rows(table, origins, offsets, taps, 6); break;
    default: point_rows(table, origins, offsets, taps, 8); break;
  }
}
