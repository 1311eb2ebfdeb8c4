// Pointers to the rows of a tile, written many at a time.
#ifndef DRIFT_POINTERS_H
#define DRIFT_POINTERS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// table[t][r] = origins[r] + offsets[t] for all taps and `rows` rows: 2, 4, 6 or 8.
void drift_point_rows(
    const int8_t *_Nonnull *_Nonnull table, const int8_t *_Nonnull const *_Nonnull origins, const ptrdiff_t *offsets, uint32_t taps,
    uint32_t rows);

#pragma clang assume_nonnull end

#endif
