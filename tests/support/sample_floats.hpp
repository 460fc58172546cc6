// Floating point numbers for tests of exactness: the edges, powers of two and ten with what is
// beside them, and random bits; the same ones at each run. Finite, and not zero.
#pragma once

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace patchbay::test {

/// The shortest text that tells a number from all others.
template <typename Float>
[[nodiscard]] std::string shortest_text(Float number) {
  std::array<char, 64> text{};
  return {text.begin(), std::to_chars(text.begin(), text.end(), number).ptr};
}
template <typename Float>
[[nodiscard]] Float number_of(std::string_view text) {
  Float number{};
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

template <typename Float, typename Bits>
[[nodiscard]] std::vector<Float> sample_floats(std::size_t random_count) {
  using Limits = std::numeric_limits<Float>;
  std::vector<Float> found;
  const auto add = [&found](Float number) {
    if (std::isfinite(number) && number != 0) found.push_back(number);
  };
  const auto add_with_neighbours = [&](Float number) {
    for (const Float one :
         {number, std::nextafter(number, Float{0}), std::nextafter(number, Limits::infinity())}) {
      add(one);
      add(-one);
    }
  };
  for (const Float edge : {Limits::max(), Limits::min(), Limits::denorm_min(), Float{1} / 3}) {
    add_with_neighbours(edge);
  }
  for (int exponent = Limits::min_exponent - Limits::digits; exponent < Limits::max_exponent;
       ++exponent) {
    add_with_neighbours(std::ldexp(Float{1}, exponent));
  }
  for (int exponent = Limits::min_exponent10 - 7; exponent <= Limits::max_exponent10; ++exponent) {
    add_with_neighbours(number_of<Float>("1e" + std::to_string(exponent)));
  }
  std::mt19937_64 random(11);
  for (std::size_t at = 0; at < random_count; ++at) {
    add(std::bit_cast<Float>(static_cast<Bits>(random())));
    add(static_cast<Float>(static_cast<std::int64_t>(random() >> random() % 64)) / 1000);
  }
  return found;
}

[[nodiscard]] inline std::vector<double> sample_doubles(std::size_t random_count) {
  return sample_floats<double, std::uint64_t>(random_count);
}
[[nodiscard]] inline std::vector<float> sample_singles(std::size_t random_count) {
  return sample_floats<float, std::uint32_t>(random_count);
}

/// The value that a REAL column holds of a float4: the double that its shortest text names.
[[nodiscard]] inline double text_as_double(float number) {
  return number_of<double>(shortest_text(number));
}

}  // namespace patchbay::test
