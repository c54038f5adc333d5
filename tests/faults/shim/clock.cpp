// The wall clock, shifted by what the campaign says; the monotonic clock is nobody's to shift.
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "rules.hpp"

#define REPLACES(symbol) __asm__(symbol) __attribute__((visibility("default")))

namespace {

constexpr std::int64_t k_second = 1'000'000'000;

int read_clock(clockid_t clock, timespec* time) {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  const bool is_wall_clock = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
  const auto* state = faults::state();
  if (result != 0 || !is_wall_clock || !state) return static_cast<int>(result);
  const std::int64_t shifted = time->tv_sec * k_second + time->tv_nsec + state->clock_offset;
  time->tv_sec = shifted / k_second;
  time->tv_nsec = shifted % k_second;
  return 0;
}

}  // namespace

extern "C" {

int faults_clock_gettime(clockid_t clock, timespec* time) REPLACES("clock_gettime");
int faults_clock_gettime(clockid_t clock, timespec* time) { return read_clock(clock, time); }

int faults_gettimeofday(timeval* time, void* zone) REPLACES("gettimeofday");
int faults_gettimeofday(timeval* time, void*) {
  timespec now;
  read_clock(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t faults_time(time_t* time) REPLACES("time");
time_t faults_time(time_t* time) {
  timespec now;
  read_clock(CLOCK_REALTIME, &now);
  if (time) *time = now.tv_sec;
  return now.tv_sec;
}

}  // extern "C"
