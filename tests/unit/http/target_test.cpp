#include <http/target.hpp>

namespace headrace::http {
namespace {

std::vector<std::string> segments(std::string_view raw) {
  const auto target = parse_target(raw);
  return target ? target->segments : std::vector<std::string>{"(" + target.error().message + ")"};
}

TEST(Target, SplitsBeforeItDecodes) {
  EXPECT_EQ(segments("/api/v1/assets/a%2Fb"), (std::vector<std::string>{"api", "v1", "assets", "a/b"}));
  EXPECT_EQ(segments("/"), (std::vector<std::string>{""}));
  EXPECT_EQ(segments("/runs/42/"), (std::vector<std::string>{"runs", "42", ""}));
  EXPECT_EQ(segments("/gr%C3%B6%C3%9Fe"), (std::vector<std::string>{"größe"}));
  EXPECT_EQ(segments("/%E2%82%AC/%F0%9F%8C%B1"), (std::vector<std::string>{"€", "🌱"}));
}

TEST(Target, RefusesTricks) {
  for (const char* raw : {"",
                          "api",
                          "http://evil.example/api",
                          "*",
                          "//api",
                          "/api//v1",
                          "/./api",
                          "/api/../x",
                          "/api/%2e%2e/x",
                          "/api/.%2E",
                          "/%2e",
                          "/a%00b",
                          "/a%0ab",
                          "/a%7f",
                          "/a%",
                          "/a%4",
                          "/a%zz",
                          "/%c0%af",
                          "/%c0%ae%c0%ae",
                          "/%e0%80%af",
                          "/%ed%a0%80",
                          "/%f4%90%80%80",
                          "/%ff",
                          "/%c3",
                          "/a\\b",
                          "/a b",
                          "/a\"b",
                          "/a#b",
                          "/a\xc3\xb6",
                          "/x?a=%00",
                          "/x?a=%ff",
                          "/x?a b",
                          "/x?a#b"})
    EXPECT_FALSE(parse_target(raw)) << raw;
}

TEST(Target, ReadsQueries) {
  const auto target = parse_target("/x?selection=%2Bsetosa+or+b&empty=&flag&a=1&a=2&&q=x%26y");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->query,
            (Fields{{"selection", "+setosa or b"}, {"empty", ""}, {"flag", ""}, {"a", "1"}, {"a", "2"}, {"q", "x&y"}}));
}

TEST(Target, EncodesWhatItDecodes) {
  std::string all;
  for (int c = 0x20; c < 0x7f; ++c) all.push_back(static_cast<char>(c));
  all += "ö🌱";
  EXPECT_EQ(percent_decode(percent_encode(all), false).value(), all);
  EXPECT_EQ(percent_encode("a/b.csv~"), "a%2Fb.csv~");
}

TEST(Target, KnowsValidUtf8) {
  EXPECT_TRUE(is_valid_utf8("plain, größe, €, 🌱"));
  for (const char* text :
       {"\x80", "\xc3", "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf5\x80\x80\x80", "\xe2\x82"})
    EXPECT_FALSE(is_valid_utf8(text));
}

}  // namespace
}  // namespace headrace::http
