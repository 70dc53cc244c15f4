// What Swift cannot import from HDF5: macros that contain a call or a cast, and one flag type that
// differs between releases.
#pragma once
#include <hdf5.h>
#include <stdio.h>
#include <string.h>

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

// Bounds what is kept of the metadata, by default up to 32 MB of each file: of files with very many
// datasets every object is used once.
static inline herr_t chdf5_small_cache(hid_t fapl) {
  H5AC_cache_config_t config;
  config.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  if (H5Pget_mdc_config(fapl, &config) < 0) return -1;
  config.max_size = 4 << 20;
  return H5Pset_mdc_config(fapl, &config);
}

// What a name in a group leads to: 0 a group, 1 a dataset, 2 something else, -1 nothing. `identity` is
// the same two numbers for all names of an object.
static inline int chdf5_object(hid_t group, const char *name, unsigned long long identity[2]) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  if (H5Oget_info_by_name3(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  memcpy(&identity[1], &info.token, sizeof identity[1]);
#else
  H5O_info_t info;
  if (H5Oget_info_by_name2(group, name, &info, H5O_INFO_BASIC, H5P_DEFAULT) < 0) return -1;
  identity[1] = info.addr;
#endif
  identity[0] = info.fileno;
  return info.type == H5O_TYPE_GROUP ? 0 : info.type == H5O_TYPE_DATASET ? 1 : 2;
}

// Calls `visit` with each name in a group until it returns something else than 0.
struct chdf5_visit {
  int (*visit)(const char *name, void *context);
  void *context;
};
static inline herr_t chdf5_visit_name(
    hid_t group, const char *name, const H5L_info_t *info, void *visit) {
  const struct chdf5_visit *call = (const struct chdf5_visit *)visit;
  return call->visit(name, call->context);
}
static inline herr_t chdf5_each_name(
    hid_t group, H5_index_t index, int (*visit)(const char *name, void *context), void *context) {
  struct chdf5_visit call = {visit, context};
  hsize_t position = 0;
  return H5Literate(group, index, H5_ITER_INC, &position, chdf5_visit_name, &call);
}

// A link by name: 0 where it is hard or not there, 1 where it is soft, 2 where it leads to another file.
// `path` and, for the latter, `file` are what it names, cut off where they are longer than `size`.
static inline int chdf5_link(hid_t group, const char *name, char *file, char *path, size_t size) {
  H5L_info_t info;
  char value[8192];
  const char *its_file = "", *its_path = value;
  unsigned flags;
#if H5_VERSION_GE(1, 12, 0)
  if (H5Lget_info2(group, name, &info, H5P_DEFAULT) < 0) return 0;
#else
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return 0;
#endif
  if (info.type != H5L_TYPE_SOFT && info.type != H5L_TYPE_EXTERNAL) return 0;
  memset(value, 0, sizeof value);
  if (H5Lget_val(group, name, value, sizeof value - 1, H5P_DEFAULT) < 0) value[0] = 0;
  if (info.type == H5L_TYPE_EXTERNAL
      && (info.u.val_size > sizeof value
          || H5Lunpack_elink_val(value, info.u.val_size, &flags, &its_file, &its_path) < 0))
    its_file = its_path = "";
  snprintf(file, size, "%s", its_file);
  snprintf(path, size, "%s", its_path);
  return info.type == H5L_TYPE_SOFT ? 1 : 2;
}

// Linux's, which the C library declares with _GNU_SOURCE only.
extern int sync_file_range(int descriptor, long offset, long count, unsigned int flags);

// Lets the disk begin to write a range, without waiting for it: SYNC_FILE_RANGE_WRITE.
static inline void chdf5_begin_writing(int descriptor, long offset, long count) {
  (void)sync_file_range(descriptor, offset, count, 2);
}
