// Counts heap calls of a thread, by standing in for the allocator of the test program.
#ifndef ALLOCATION_PROBE_H
#define ALLOCATION_PROBE_H

#include <stdint.h>

/// Starts counting calls of malloc, calloc, realloc, free and their aligned kin on this thread.
void allocation_probe_begin(void);

/// Stops counting; the number of calls since the start.
uint64_t allocation_probe_end(void);

#endif
