// What Swift cannot import from HDF5: macros that contain a call or a cast.
#include <hdf5.h>
