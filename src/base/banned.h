#ifndef BASE_BANNED_H
#define BASE_BANNED_H

/*
 * Functions that overrun, keep hidden state or swallow errors do not compile.
 * The build includes this header before every file of src/.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BASE_BANNED(function) base_banned_##function##_use_what_base_offers

#undef strcpy
#define strcpy(...) BASE_BANNED(strcpy)
#undef strncpy
#define strncpy(...) BASE_BANNED(strncpy)
#undef strcat
#define strcat(...) BASE_BANNED(strcat)
#undef strncat
#define strncat(...) BASE_BANNED(strncat)
#undef strtok
#define strtok(...) BASE_BANNED(strtok)
#undef strtok_r
#define strtok_r(...) BASE_BANNED(strtok_r)
#undef sprintf
#define sprintf(...) BASE_BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BASE_BANNED(vsprintf)
#undef atoi
#define atoi(...) BASE_BANNED(atoi)
#undef atol
#define atol(...) BASE_BANNED(atol)
#undef atoll
#define atoll(...) BASE_BANNED(atoll)
#undef atof
#define atof(...) BASE_BANNED(atof)
#undef gets
#define gets(...) BASE_BANNED(gets)
#undef gmtime
#define gmtime(...) BASE_BANNED(gmtime)
#undef localtime
#define localtime(...) BASE_BANNED(localtime)
#undef ctime
#define ctime(...) BASE_BANNED(ctime)
#undef asctime
#define asctime(...) BASE_BANNED(asctime)
#undef rand
#define rand(...) BASE_BANNED(rand)
#undef tmpnam
#define tmpnam(...) BASE_BANNED(tmpnam)
#undef alloca
#define alloca(...) BASE_BANNED(alloca)

#endif
