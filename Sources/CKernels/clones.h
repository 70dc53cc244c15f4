// Compiles a function three times on x86-64 with glibc, for AVX-512, AVX2 and any processor; the
// loader picks.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
#define CK_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CK_CLONES
#endif
