// The routines of LAPACK that are in use, as OpenBLAS exports them: by their Fortran names, with all
// arguments by address and matrices in column-major order. Declared here since LAPACK has no header
// for them that every distribution installs.
#pragma once

#pragma clang assume_nonnull begin

// All eigenvalues (ascending) and eigenvectors of a symmetric matrix, by divide and conquer.
void dsyevd_(const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
// Some eigenvalues (ascending) and eigenvectors of a symmetric matrix, which is destroyed: those number
// il to iu with the range "I". Needs no second matrix.
void dsyevr_(const char *jobz, const char *range, const char *uplo, const int *n, double *a,
             const int *lda, const double *vl, const double *vu, const int *il, const int *iu,
             const double *abstol, int *m, double *w, double *z, const int *ldz, int *isuppz,
             double *work, const int *lwork, int *iwork, const int *liwork, int *info);
// The Cholesky factor of a positive definite matrix, in place.
void dpotrf_(const char *uplo, const int *n, double *a, const int *lda, int *info);
// Bounds OpenBLAS's own pool of threads.
void openblas_set_num_threads(int count);

#pragma clang assume_nonnull end
