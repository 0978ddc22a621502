import '../../overlay/captions.css'
import '../../pages/options/options.css'
import { Options } from '../../pages/options/options.tsx'
import { mount } from '../../ui/mount.tsx'

mount(<Options />, 'options_title')
