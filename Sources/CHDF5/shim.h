#include <hdf5.h>

// The library's constants are macros that initialize it first, which Swift cannot read.

/// float32, as the machine has it.
static inline hid_t chdf5_float32(void) { return H5T_NATIVE_FLOAT; }
/// int64, as the machine has it.
static inline hid_t chdf5_int64(void) { return H5T_NATIVE_INT64; }
/// float32 in a file, little-endian on every machine.
static inline hid_t chdf5_file_float32(void) { return H5T_IEEE_F32LE; }
/// int64 in a file, little-endian on every machine.
static inline hid_t chdf5_file_int64(void) { return H5T_STD_I64LE; }
/// The C string that string types are copied from.
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
/// Class of the properties of links.
static inline hid_t chdf5_link_creation(void) { return H5P_LINK_CREATE; }
/// Class of the properties of datasets.
static inline hid_t chdf5_dataset_creation(void) { return H5P_DATASET_CREATE; }
/// Class of the properties of opening files.
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
/// Creates or replaces a file.
static inline hid_t chdf5_create(const char *name, hid_t access) {
  return H5Fcreate(name, H5F_ACC_TRUNC, H5P_DEFAULT, access);
}
/// Opens a file to be read.
static inline hid_t chdf5_open(const char *name) { return H5Fopen(name, H5F_ACC_RDONLY, H5P_DEFAULT); }
/// Keeps the library from printing its errors.
static inline void chdf5_be_quiet(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
