// The process: memory, time, environment.
#ifndef DRIFT_PROCESS_H
#define DRIFT_PROCESS_H

#include <stdint.h>

#pragma clang assume_nonnull begin

/// Zeroed memory straight from the operating system, page-aligned; NULL if there is not enough.
void *_Nullable drift_map_memory(uint64_t length);

/// Gives such memory back.
void drift_unmap_memory(void *_Nullable base, uint64_t length);

/// Nanoseconds of a clock that never goes back, from an arbitrary start.
uint64_t drift_clock_nanoseconds(void);

/// The value of an environment variable, or NULL. Valid until the environment changes.
const char *_Nullable drift_environment(const char *name);

/// Largest resident memory so far, in bytes; 0 if unknown.
uint64_t drift_peak_memory(void);

#pragma clang assume_nonnull end

#endif
