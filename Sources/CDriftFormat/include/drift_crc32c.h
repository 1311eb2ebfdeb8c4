// CRC-32C (Castagnoli), the checksum of `.drift` files.
#ifndef DRIFT_CRC32C_H
#define DRIFT_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/// Continues a checksum over `length` more bytes; start with 0. Uses the CPU's own instructions where it has them.
uint32_t drift_crc32c(uint32_t checksum, const void *bytes, size_t length);

/// The same with tables alone, for CPUs without such instructions and for tests.
uint32_t drift_crc32c_tables(uint32_t checksum, const void *bytes, size_t length);

#endif
