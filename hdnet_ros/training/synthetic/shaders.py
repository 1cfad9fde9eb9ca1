"""The programs that run for every corner and pixel."""

LIT_VERTEX = '''#version 330
in vec3 position; in vec3 normal; in vec2 uv; in vec3 rest; in vec3 colour;
uniform mat4 projection; uniform mat4 shadow_projection; uniform vec4 balls[32]; uniform int ball_count;
out vec3 place; out vec3 facing; out vec2 texel; out vec3 origin; out vec3 paint;
out vec3 shadow_place; out float openness;
void main() {
    gl_Position = projection * vec4(position, 1.0);
    place = position; facing = normal; texel = uv; origin = rest; paint = colour;
    shadow_place = (shadow_projection * vec4(position + normal * 0.012, 1.0)).xyz * 0.5 + 0.5;
    float open_sky = 1.0;
    vec3 n = normalize(normal);
    for (int i = 0; i < ball_count; i++) {
        vec3 to_ball = balls[i].xyz - position;
        float distance = length(to_ball);
        float radius = balls[i].w;
        if (distance > radius * 1.15) {
            float covered = max(dot(n, to_ball) / distance, 0.0) * radius * radius / (distance * distance);
            open_sky *= 1.0 - 0.85 * min(covered, 1.0);
        }
    }
    openness = open_sky;
}'''

# Software renderers pay for every pixel: powers are written as products and roots, and what only prints need is left
# out of the program for everything else.
_LIT_FRAGMENT = '''
in vec3 place; in vec3 facing; in vec2 texel; in vec3 origin; in vec3 paint; in vec3 shadow_place; in float openness;
uniform sampler2D picture; uniform sampler2D shadow_depth;
uniform vec3 key_direction; uniform vec3 key_light; uniform vec3 ambient[6]; uniform float shadow_step;
uniform vec3 tint_upper; uniform vec3 tint_lower; uniform float tint; uniform float split_height;
#ifdef PRINTED
uniform sampler2D print; uniform float print_strength; uniform float print_scale; uniform vec2 print_shift;
#endif
uniform float shine; uniform float alpha_cut; uniform vec3 clip; uniform float catcher;
out vec4 result;
const vec3 LUMA = vec3(0.3, 0.59, 0.11);
vec3 decoded(vec3 c) { return c * (c * (c * 0.305306 + 0.682171) + 0.012523); }
vec3 encoded(vec3 c) {
    vec3 a = sqrt(c); vec3 b = sqrt(a);
    return 0.662003 * a + 0.684122 * b - 0.323584 * sqrt(b) - 0.022541 * c;
}
float lit() {
    if (shadow_place.x < 0.0 || shadow_place.x > 1.0 || shadow_place.y < 0.0 || shadow_place.y > 1.0) return 1.0;
    float sum = 0.0;
    for (int i = 0; i < 4; i++) {
        vec2 shift = (vec2(i & 1, i >> 1) * 2.0 - 1.0) * shadow_step;
        sum += texture(shadow_depth, shadow_place.xy + shift).r + 0.0013 > shadow_place.z ? 0.25 : 0.0;
    }
    return sum;
}
void main() {
    if (catcher > 0.0) {
        result = vec4(0.0, 0.0, 0.0, 1.0 - (1.0 - catcher * (1.0 - lit())) * openness);
        return;
    }
    if (origin.z < clip.x || origin.z > clip.y || abs(origin.x) > clip.z) discard;
    vec4 sampled = texture(picture, texel);
    if (sampled.a < alpha_cut) discard;
    vec3 n = normalize(facing);
    if (dot(n, place) > 0.0) n = -n;
    vec3 albedo = decoded(sampled.rgb) * paint;
    float luma = dot(albedo, LUMA);
    bool upper = origin.z > split_height;
    albedo = mix(albedo, (upper ? tint_upper : tint_lower) * (luma * 1.6 + 0.12), tint);
#ifdef PRINTED
    if (upper) {
        vec2 at = vec2(origin.x + origin.y * 0.6, origin.z) * print_scale + print_shift;
        vec3 printed = albedo * 0.15 + decoded(texture(print, at).rgb) * (luma * 1.2 + 0.3);
        albedo = mix(albedo, printed, print_strength);
    }
#endif
    vec3 squared = n * n;
    vec3 around = squared.x * ambient[n.x > 0.0 ? 0 : 1] + squared.y * ambient[n.y > 0.0 ? 2 : 3]
                + squared.z * ambient[n.z > 0.0 ? 4 : 5];
    float slope = max(dot(n, key_direction), 0.0);
    float light = slope > 0.0 ? lit() : 0.0;
    vec3 to_eye = normalize(-place);
    float gloss = max(dot(n, normalize(key_direction + to_eye)), 0.0);
    float gloss4 = gloss * gloss * gloss * gloss;
    float gloss8 = gloss4 * gloss4;
    float edge = 1.0 - max(dot(n, to_eye), 0.0);
    gloss = gloss8 * gloss8 * gloss8 * gloss4;
    vec3 radiance = albedo * (around * openness + key_light * slope * light) + shine * key_light * light * gloss
                  + shine * 0.3 * around * openness * edge * edge * edge * edge;
    result = vec4(encoded(clamp(radiance, 0.0, 1.0)), 1.0);
}'''

LIT_FRAGMENT = '#version 330\n' + _LIT_FRAGMENT
PRINTED_FRAGMENT = '#version 330\n#define PRINTED\n' + _LIT_FRAGMENT

DEPTH_VERTEX = '''#version 330
in vec3 position; uniform mat4 projection;
void main() { gl_Position = projection * vec4(position, 1.0); }'''

DEPTH_FRAGMENT = '''#version 330
void main() { }'''

IDENTITY_VERTEX = '''#version 330
in vec3 position; in vec2 uv; in vec3 rest; uniform mat4 projection;
out vec2 texel; out vec3 origin; out float depth;
void main() { gl_Position = projection * vec4(position, 1.0); texel = uv; origin = rest; depth = position.z; }'''

IDENTITY_FRAGMENT = '''#version 330
in vec2 texel; in vec3 origin; in float depth;
uniform sampler2D picture; uniform float alpha_cut; uniform vec3 clip; uniform float identity;
out vec2 result;
void main() {
    if (origin.z < clip.x || origin.z > clip.y || abs(origin.x) > clip.z) discard;
    if (texture(picture, texel).a < alpha_cut) discard;
    result = vec2(identity, depth);
}'''
