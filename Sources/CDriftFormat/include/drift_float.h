// Conversions to float that Swift's standard library offers, but not without allocating code on 32-bit boards.
#ifndef DRIFT_FLOAT_H
#define DRIFT_FLOAT_H

#include <stdint.h>

/// The nearest float; exact up to 2^24.
static inline float drift_float_of_uint32(uint32_t value) { return (float)value; }

#endif
