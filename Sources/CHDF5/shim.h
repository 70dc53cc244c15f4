// What Swift cannot import from HDF5: macros that contain a call or a cast, and one flag type that
// differs between releases.
#pragma once
#include <hdf5.h>

// Types: macros that call H5open() before reading a global.
static inline hid_t chdf5_native_int8(void) { return H5T_NATIVE_INT8; }
static inline hid_t chdf5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_native_uint16(void) { return H5T_NATIVE_UINT16; }
static inline hid_t chdf5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_i16le(void) { return H5T_STD_I16LE; }
static inline hid_t chdf5_u16le(void) { return H5T_STD_U16LE; }
static inline hid_t chdf5_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_u32le(void) { return H5T_STD_U32LE; }
static inline hid_t chdf5_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_u64le(void) { return H5T_STD_U64LE; }
static inline hid_t chdf5_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }

// Property list classes: the same kind of macro.
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t chdf5_dataset_access(void) { return H5P_DATASET_ACCESS; }

// Constants with a cast or a call in them.
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline hsize_t chdf5_unlimited(void) { return H5S_UNLIMITED; }
static inline haddr_t chdf5_no_address(void) { return HADDR_UNDEF; }
static inline size_t chdf5_variable_length(void) { return H5T_VARIABLE; }
static inline unsigned chdf5_creation_order(void) {
  return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
}

// hbool_t is bool in some releases and unsigned int in others.
static inline herr_t chdf5_no_times(hid_t plist) { return H5Pset_obj_track_times(plist, 0); }

// File locking can be switched off from 1.10.7 on; before, only by the environment.
static inline herr_t chdf5_no_locking(hid_t fapl) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERS_MINOR == 10 && H5_VERS_RELEASE >= 7)
  return H5Pset_file_locking(fapl, 0, 1);
#else
  return 0;
#endif
}

// Keeps changed metadata in memory until a flush, so that a crash between flushes finds the file
// as the last flush left it. (The structure's flags are hbool_t.)
static inline herr_t chdf5_no_evictions(hid_t fapl) {
  H5AC_cache_config_t config;
  config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  if (H5Pget_mdc_config(fapl, &config) < 0) return -1;
  config.evictions_enabled = 0;
  config.incr_mode = H5C_incr__off;
  config.flash_incr_mode = H5C_flash_incr__off;
  config.decr_mode = H5C_decr__off;
  return H5Pset_mdc_config(fapl, &config);
}

// Linux's, which the C library declares with _GNU_SOURCE only.
extern int sync_file_range(int descriptor, long offset, long count, unsigned int flags);

// Lets the disk begin to write a range, without waiting for it: SYNC_FILE_RANGE_WRITE.
static inline void chdf5_begin_writing(int descriptor, long offset, long count) {
  (void)sync_file_range(descriptor, offset, count, 2);
}
